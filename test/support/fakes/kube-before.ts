import type { Kube } from '../../../src/kube/port.ts';

/** An API server on which something happens right before each call reaches it; what that throws is the answer. */
export function kubeBefore(kube: Kube, happens: (method: keyof Kube) => Promise<void> | void): Kube {
  return {
    get: async (...args) => {
      await happens('get');
      return kube.get(...args);
    },
    list: async (...args) => {
      await happens('list');
      return kube.list(...args);
    },
    create: async (...args) => {
      await happens('create');
      return kube.create(...args);
    },
    patch: async (...args) => {
      await happens('patch');
      return kube.patch(...args);
    },
    patchStatus: async (...args) => {
      await happens('patchStatus');
      return kube.patchStatus(...args);
    },
    setFinalizers: async (...args) => {
      await happens('setFinalizers');
      return kube.setFinalizers(...args);
    },
    delete: async (...args) => {
      await happens('delete');
      return kube.delete(...args);
    },
  };
}
