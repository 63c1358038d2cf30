// Hides e-mail addresses in the summary, the description and the comments.

/** @type {Outgoing} */
function outgoing(issue, replica) {
  replica.summary = hideMails(replica.summary);
  replica.description = hideMails(replica.description);
  mapComments(replica, (comment) => ({ ...comment, body: hideMails(comment.body) }));
}
