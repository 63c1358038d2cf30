// Takes over a new status and nothing else, and only when the partner has changed it.

/** @type {Incoming} */
function incoming(replica, issue, previous) {
  if (!fieldChanged(previous, replica, 'status')) skip();
  only(replica, 'status');
}
