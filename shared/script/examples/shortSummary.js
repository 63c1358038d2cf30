// Keeps the summary within 80 characters, and the whole of it above the description.

/** @type {Outgoing} */
function outgoing(issue, replica) {
  const whole = issue.fields.summary ?? '';
  replica.summary = truncate(whole, 80);
  if (replica.summary !== whole) replica.description = prepend(replica.description, whole);
}
