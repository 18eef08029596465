/** One operation of a bulk: the bytes that are sent, its action line included. */
export type Operation = { readonly id: string; readonly bytes: Buffer };

/** Every operation carries the token of the lease: an older writer can never overwrite a newer one. */
export function indexOperation(id: string, json: string, token: number): Operation {
  const action = `{"index":{"_id":"${id}","version":${token},"version_type":"external_gte"}}`;
  return { id, bytes: Buffer.from(`${action}\n${json}\n`) };
}

export function deleteOperation(id: string, token: number): Operation {
  const action = `{"delete":{"_id":"${id}","version":${token},"version_type":"external_gte"}}`;
  return { id, bytes: Buffer.from(`${action}\n`) };
}
