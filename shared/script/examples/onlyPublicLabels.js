// Sends only the labels that begin with `public-`, without that beginning.

/** @type {Outgoing} */
function outgoing(issue, replica) {
  keepLabels(replica, (label) => label.startsWith('public-'));
  replica.labels = replica.labels?.map((label) => label.slice('public-'.length)) ?? [];
}
