// Passkeys: their buttons show only where the browser knows them, and a refusal is told in the page.
const known = "PublicKeyCredential" in window;
for (const part of document.querySelectorAll("[data-passkey]")) part.hidden = !known;
for (const part of document.querySelectorAll("[data-no-passkey]")) part.hidden = known;

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  document.getElementById("passkey_refusal").hidden = false;
});
