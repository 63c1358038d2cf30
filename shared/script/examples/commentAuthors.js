// Writes who wrote a comment into its first line.

/** @type {Outgoing} */
function outgoing(issue, replica) {
  mapComments(replica, (comment) => {
    const name = nameOf(issue, comment.author, 'Somebody');
    return { ...comment, body: prepend(comment.body, `${name} wrote:`) };
  });
}
