// Writes the reporter's name above the description, for a partner whose site does not know the person.

/** @type {Outgoing} */
function outgoing(issue, replica) {
  const name = nameOf(issue, issue.fields.reporter, 'somebody');
  replica.description = prepend(replica.description, `Reported by ${name}`);
  replica.reporter = null;
}
