// Hands over what stands behind the # of the address, and takes it out of the history.
const token = new URLSearchParams(location.hash.slice(1)).get("token");
const form = document.getElementById("enter");
history.replaceState(null, "", location.pathname + location.search);
if (token) {
  form.elements.token.value = token;
  form.elements.host.value = location.ancestorOrigins?.[0] ?? (document.referrer ? new URL(document.referrer).origin : "");
}
form.submit();
