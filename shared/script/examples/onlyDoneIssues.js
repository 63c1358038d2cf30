// Sends an issue only when it is done.

/** @type {Outgoing} */
function outgoing(issue) {
  const done = ['Done', 'Closed', 'Resolved'];
  if (!done.includes(issue.fields.status ?? '')) skip();
}
