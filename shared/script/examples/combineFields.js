// Sends two custom fields as one: "Version" and "Build" become the other side's text field "Release".

/** @type {Outgoing} */
function outgoing(issue, replica) {
  const version = issue.fields['custom:text:Version'];
  const build = issue.fields['custom:number:Build'];
  replica['custom:text:Release'] = combine(' build ', version, build);
  without(replica, 'custom:text:Version', 'custom:number:Build');
}
