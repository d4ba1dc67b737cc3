/** The service, asked with a key that is only ever sent as a header. */

const KEY = "liujing-key";

export class Problem extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }

  /** Which of the page's sentences fits; null where the service's own is better. */
  get word() {
    if (this.status === 0) return "unreachable";
    if (this.status === 401) return "wrongKey";
    if (this.status === 403) return "mayNot";
    if (this.status === 404) return "missing";
    if (this.status === 429) return "tooMany";
    return this.status >= 500 ? "failed" : null;
  }
}

export const storedKey = () => sessionStorage.getItem(KEY);
export const storeKey = (key) => sessionStorage.setItem(KEY, key);
export const forgetKey = () => sessionStorage.removeItem(KEY);

/** Read JSON; a key that no header can carry is a wrong key. */
export async function read(path, key = storedKey()) {
  if (key !== null && !/^[\x21-\x7e]+$/.test(key)) throw new Problem(401, "");
  const headers = key === null ? {} : { Authorization: `Bearer ${key}` };
  let response;
  try {
    response = await fetch(path, { headers, credentials: "omit" });
  } catch {
    throw new Problem(0, "");
  }
  if (!response.ok) {
    const body = await response.json().catch(() => ({}));
    throw new Problem(response.status, body.detail ?? response.statusText);
  }
  return response.json();
}

/** Read every page of a list. */
export async function readAll(path) {
  const items = [];
  let cursor = null;
  do {
    const page = await read(cursor === null ? path : `${path}?${new URLSearchParams({ cursor })}`);
    items.push(...page.items);
    cursor = page.next ?? null;
  } while (cursor !== null);
  return items;
}
