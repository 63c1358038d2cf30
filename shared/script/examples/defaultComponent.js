// Gives an issue that arrives without a component the one that its type belongs to.

const componentOf = { Bug: 'Support', Story: 'Product' };

/** @type {Incoming} */
function incoming(replica) {
  if (isEmpty(replica.components)) addTo(replica, 'components', mapValue(componentOf, replica.issueType, 'Triage'));
}
