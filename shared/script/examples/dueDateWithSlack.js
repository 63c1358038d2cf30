// Gives the partner two days less than we have.

/** @type {Outgoing} */
function outgoing(issue, replica) {
  if (replica.dueDate) replica.dueDate = addDays(replica.dueDate, -2);
}
