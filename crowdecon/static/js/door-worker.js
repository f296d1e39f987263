// The door's page without a network. Served from below the one page it is for, so that it can keep no other.

const CACHE = `crowdecon-door:${self.registration.scope}`;
const PAGE = new URL(self.registration.scope).pathname;
// A network that hangs is as good as none.
const PATIENCE = 4000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

const keep = async (request, answer) => {
  if (answer.ok && !answer.redirected && answer.type === "basic") await (await caches.open(CACHE)).put(request, answer.clone());
  return answer;
};

// What the page has loaded, told by itself: its own address, styles, scripts.
self.addEventListener("message", (event) => {
  if (!event.data?.keep) return;
  const each = event.data.keep.map((url) => fetch(url, { credentials: "same-origin" }).then((answer) => keep(url, answer)).catch(() => null));
  event.waitUntil(Promise.all(each).then(() => event.ports[0]?.postMessage("kept")));
});

async function answer(request) {
  const kept = await (await caches.open(CACHE)).match(request, { ignoreSearch: true, ignoreVary: true });
  const asked = fetch(request).then((found) => keep(request.url.split("?")[0], found));
  if (!kept) return asked;
  asked.catch(() => null);
  const late = new Promise((resolve) => setTimeout(() => resolve(kept), PATIENCE));
  return Promise.race([asked.catch(() => kept), late]);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  const page = request.mode === "navigate" && url.pathname === PAGE;
  const part = /\.(js|css|svg|woff2)$/.test(url.pathname);
  if (page || part) event.respondWith(answer(request));
});
