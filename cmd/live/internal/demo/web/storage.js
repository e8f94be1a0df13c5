/*
 * What the page remembers. A browser that keeps nothing for this page throws at
 * each use; the page then works without remembering.
 */

/** Returns the name used last: in this window, or else in any. */
export function rememberedName() {
  return quietly(() => sessionStorage.getItem("live.name") ?? localStorage.getItem("live.name")) ?? "";
}

/** Reports whether this window has joined before, so that reloading it need not ask again. */
export function joinedBefore() {
  return quietly(() => sessionStorage.getItem("live.name")) != null;
}

/** Remembers the name for this window, and for new ones. */
export function rememberName(name) {
  quietly(() => {
    sessionStorage.setItem("live.name", name);
    localStorage.setItem("live.name", name);
  });
}

function quietly(use) {
  try {
    return use();
  } catch {
    return undefined;
  }
}
