/**
 * Where a test lays an Elasticsearch out as ECK does: in a namespace of one name for every bed, because the certificate
 * of the bed's servers names the Service.
 */
export const ECK_NAMESPACE = 'eck';
export const ECK_NAME = 'search';
export const ECK_HOST = `${ECK_NAME}-es-http.${ECK_NAMESPACE}.svc`;
