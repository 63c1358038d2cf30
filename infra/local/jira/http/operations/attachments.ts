import { attach, deleteAttachment, demandEnabled, findAttachment } from '../../model/attachments.ts';
import { refuse } from '../../model/problem.ts';
import { type Handlers, NOTHING, ok, param } from '../call.ts';
import { signedPath } from '../media.ts';
import { rangeAnswer } from '../range.ts';
import { showUser } from '../show.ts';
import { showAttachment } from '../showParts.ts';

/** Files of issues. Their bytes come and go beside the operations: see `files.ts`. */
export const attachmentHandlers: Handlers = {
  addAttachment: (call) => {
    const files = (call.files ?? []).map(({ filename, mimeType, stored }) => ({ filename, mimeType, ...stored }));
    const attachments = attach(call.act, param(call, 'issueIdOrKey'), files);
    return { status: 200, body: attachments.map((one) => showAttachment(call.act, one, 3)) };
  },
  getAttachment: (call) => {
    const { attachment } = findAttachment(call.act, param(call, 'id'));
    const author = call.act.world.people.get(attachment.authorId);
    const { author: _author, ...rest } = showAttachment(call.act, attachment, 3);
    return ok({
      ...rest,
      id: Number(attachment.id),
      ...(author === undefined ? {} : { author: showUser(call.act.site, 3, author) }),
    });
  },
  getAttachmentContent: (call) => {
    const { attachment } = findAttachment(call.act, param(call, 'id'));
    if (call.query.get('redirect') === 'false') return { ...rangeAnswer(attachment, call.range), objects: ONE };
    const location = signedPath(call.act.site, attachment, call.act.now);
    return { status: 303, headers: { location }, objects: ONE };
  },
  getAttachmentMeta: (call) => {
    const { enabled, uploadLimit } = call.act.site.attachmentSettings;
    return ok({ enabled, uploadLimit });
  },
  removeAttachment: (call) => {
    demandEnabled(call.act);
    const id = param(call, 'id');
    if (!/^\d+$/.test(id)) throw refuse(404, `The attachment with id '${id}' does not exist.`);
    deleteAttachment(call.act, id);
    return NOTHING;
  },
};

const ONE = { core: 1, identity: 0 } as const;
