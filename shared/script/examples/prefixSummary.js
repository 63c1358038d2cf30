// Puts the project's key before the summary, and takes the partner's key away from what comes back.

/** @type {Outgoing} */
function outgoing(issue, replica) {
  replica.summary = `${issue.projectKey}: ${issue.fields.summary}`;
}

/** @type {Incoming} */
function incoming(replica, issue) {
  if (replica.summary?.startsWith(`${issue.projectKey}: `)) {
    replica.summary = replica.summary.slice(issue.projectKey.length + 2);
  }
}
