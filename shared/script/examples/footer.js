// Appends a footer to the description, and takes it away from what comes back.

const footer = (/** @type {string} */ key) => `Synced from ${key}. Please answer here.`;

/** @type {Outgoing} */
function outgoing(issue, replica) {
  replica.description = append(replica.description, footer(issue.key));
}

/** @type {Incoming} */
function incoming(replica, issue) {
  const { description } = replica;
  if (!description) return;
  const content = description.content.filter((node) => text({ ...description, content: [node] }) !== footer(issue.key));
  replica.description = { ...description, content };
}
