// Sets the priority from the custom field "Severity". A severity that the table does not name becomes "Medium".

const priorities = { Blocker: 'Highest', Critical: 'High', Minor: 'Low', Cosmetic: 'Lowest' };

/** @type {Outgoing} */
function outgoing(issue, replica) {
  const severity = issue.fields['custom:option:Severity'];
  if (!isEmpty(severity)) replica.priority = mapValue(priorities, severity, 'Medium');
}
