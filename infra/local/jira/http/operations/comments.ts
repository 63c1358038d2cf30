import {
  type CommentInput,
  addComment,
  commentWithIssue,
  deleteComment,
  findComment,
  listComments,
  updateComment,
} from '../../model/comments.ts';
import { JiraProblem } from '../../model/problem.ts';
import { propertyOf } from '../../model/properties.ts';
import { deleteCommentProperty, setCommentProperty } from '../../model/propertyWrites.ts';
import type { Act, Comment } from '../../model/types.ts';
import { type Call, type Handlers, NOTHING, bodyOf, ok, pageOf, param, textsIn, wordsOf } from '../call.ts';
import { self } from '../show.ts';
import { showComment } from '../showIssue.ts';

/** Comments of one page unless fewer are asked for. @see GET issue comment */
const COMMENT_PAGE = 5_000;
const COMMENT_DEFAULT = 100;
/** Most ids of one list. @see POST comment/list */
const LIST_PAGE = 1_000;

/** Comments and what an app stores with them. */
export const commentHandlers: Handlers = {
  getComments: (call) => {
    const all = listComments(call.act, param(call, 'issueIdOrKey'));
    const ordered = call.query.get('orderBy') === '-created' ? all.toReversed() : all;
    const { startAt, maxResults, total, values } = pageOf(
      call,
      ordered,
      COMMENT_PAGE,
      (comment) => shown(call, comment),
      COMMENT_DEFAULT,
    );
    return ok({ startAt, maxResults, total, comments: values }, values.length);
  },
  addComment: (call) => ({
    status: 201,
    body: shown(call, addComment(call.act, param(call, 'issueIdOrKey'), inputOf(call))),
  }),
  getComment: (call) => ok(shown(call, findComment(call.act, param(call, 'issueIdOrKey'), param(call, 'id')).comment)),
  updateComment: (call) => ({
    status: 200,
    body: shown(call, updateComment(call.act, param(call, 'issueIdOrKey'), param(call, 'id'), inputOf(call))),
  }),
  deleteComment: (call) => {
    deleteComment(call.act, param(call, 'issueIdOrKey'), param(call, 'id'));
    return NOTHING;
  },
  getCommentsByIds: (call) => {
    const ids = new Set(textsIn(bodyOf(call)['ids']));
    const found = [...ids].map((id) => readable(call.act, id)).filter((comment) => comment !== undefined);
    const page = pageOf(call, found, LIST_PAGE, (comment) => shown(call, comment), LIST_PAGE);
    return ok(page, page.values.length);
  },
  getCommentProperty: (call) =>
    ok(propertyOf(commentWithIssue(call.act, param(call, 'commentId')).comment.properties, param(call, 'propertyKey'))),
  setCommentProperty: (call) => {
    const isNew = setCommentProperty(call.act, param(call, 'commentId'), param(call, 'propertyKey'), call.body);
    return { status: isNew ? 201 : 200, body: {} };
  },
  deleteCommentProperty: (call) => {
    deleteCommentProperty(call.act, param(call, 'commentId'), param(call, 'propertyKey'));
    return NOTHING;
  },
  getCommentPropertyKeys: (call) => {
    const { comment } = commentWithIssue(call.act, param(call, 'commentId'));
    const address = (key: string): string =>
      self(call.act.site, 3, `comment/${comment.id}/properties/${encodeURIComponent(key)}`);
    return ok({ keys: Object.keys(comment.properties).map((key) => ({ self: address(key), key })) });
  },
};

function inputOf(call: Call): CommentInput {
  const body = bodyOf(call);
  return {
    body: body['body'],
    visibility: body['visibility'],
    properties: body['properties'] as CommentInput['properties'],
  };
}

function shown(call: Call, comment: Comment): unknown {
  return showComment(call.act, comment, 3, wordsOf(call, 'expand')?.includes('properties') ?? false);
}

/** A list leaves out what is missing or may not be read. */
function readable(act: Act, id: string): Comment | undefined {
  try {
    return commentWithIssue(act, id).comment;
  } catch (problem) {
    if (problem instanceof JiraProblem) return undefined;
    throw problem;
  }
}
