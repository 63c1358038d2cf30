// Takes over only what is still empty here: nothing that people wrote on this side is written over.

/** @type {Incoming} */
function incoming(replica, issue) {
  const here = /** @type {Record<string, unknown>} */ (issue.fields);
  const filled = Object.keys(replica).filter((name) => !isEmpty(here[name]));
  without(replica, ...filled);
}
