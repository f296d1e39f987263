// What the door's page keeps in this browser: the list it judges by (`lists`, with names), what it has seen and nobody was
// told of yet (`queue`), and what was refused when it was told (`told`). The last two name nobody.

const NAME = "crowdecon-door";
const UNTIL = "crowdecon-door-until";

const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

let opened;
function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("lists", { keyPath: "base" });
      for (const name of ["queue", "told"]) request.result.createObjectStore(name, { keyPath: "order", autoIncrement: true });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

async function within(store, mode, act) {
  const db = await open();
  const transaction = db.transaction(store, mode);
  const whole = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
  const found = await act(transaction.objectStore(store));
  // Written is what is on the disk, not what was asked for.
  if (mode === "readwrite") await whole;
  return found;
}

export const list = (base) => within("lists", "readonly", (store) => done(store.get(base)));

export async function keepList(value) {
  await within("lists", "readwrite", (store) => done(store.put(value)));
  const until = Number(localStorage.getItem(UNTIL)) || Infinity;
  localStorage.setItem(UNTIL, Math.min(until, value.forgetAt));
}

export const dropList = (base) => within("lists", "readwrite", (store) => done(store.delete(base)));
export const add = (store, value) => within(store, "readwrite", (rows) => done(rows.add(value)));
export const drop = (store, order) => within(store, "readwrite", (rows) => done(rows.delete(order)));

// All rows of one gathering, in the order in which they came.
export const rows = async (store, base) =>
  (await within(store, "readonly", (found) => done(found.getAll()))).filter((row) => row.base === base);

// Forget the lists, and the pages kept for when there is no network: all of them, or those whose time is over. What was seen
// and not told stays.
export async function forget({ all }) {
  const lists = await within("lists", "readonly", (store) => done(store.getAll()));
  const gone = lists.filter((one) => all || one.forgetAt <= Date.now());
  for (const one of gone) await forgetOne(one.base);
  const left = lists.filter((one) => !gone.includes(one)).map((one) => one.forgetAt);
  if (left.length) localStorage.setItem(UNTIL, Math.min(...left));
  else localStorage.removeItem(UNTIL);
}

export async function forgetOne(base) {
  await dropList(base);
  const scope = new URL(base, location.origin).href;
  await caches.delete(`crowdecon-door:${scope}`);
  for (const one of await navigator.serviceWorker.getRegistrations()) if (one.scope === scope) await one.unregister();
}
