// Paying inside WeChat: its bridge is handed what we signed, and says whether the payer went through with it. What became of
// it is never the bridge's to say: the next page asks the provider.

const button = () => document.querySelector("[data-in-app]");

function say(word) {
  const place = document.getElementById("in-app-said");
  if (!place) return;
  place.hidden = !word;
  place.textContent = word ? place.dataset[word] : "";
}

function pay() {
  const asked = button();
  if (!asked) return;
  say("");
  window.WeixinJSBridge.invoke("getBrandWCPayRequest", JSON.parse(asked.dataset.inApp), (answer) => {
    const end = String(answer?.err_msg).split(":")[1];
    if (end === "ok") window.location.assign(asked.dataset.paid);
    else say(end === "cancel" ? "cancelled" : "failed");
  });
}

// The bridge may be there before this file, or after it.
function whenThere(act) {
  if (window.WeixinJSBridge) return act();
  const late = setTimeout(() => say("absent"), 4000);
  document.addEventListener("WeixinJSBridgeReady", () => {
    clearTimeout(late);
    say("");
    act();
  }, { once: true });
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-in-app]")) whenThere(pay);
});

// Whoever has just chosen it need not tap again; who comes back to the page decides for themselves.
const order = button() && JSON.parse(button().dataset.inApp).package;
if (order && sessionStorage.getItem("in-app") !== order) {
  sessionStorage.setItem("in-app", order);
  whenThere(pay);
}
