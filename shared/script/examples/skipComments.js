// Keeps comments at home that are restricted, or that begin with "internal:".

/** @type {Outgoing} */
function outgoing(issue, replica) {
  keepComments(replica, ({ isRestricted, body }) => !isRestricted && !text(body).toLowerCase().startsWith('internal:'));
}
