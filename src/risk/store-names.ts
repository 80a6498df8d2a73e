/** Whether the name of a chart, an image or a service is that of software that keeps data. */
export const isStore = (name: string): boolean => STORES.test(name);

const STORES =
  /postgres|pgvector|timescale|mysql|maria|percona|mongo|redis|valkey|keydb|kafka|redpanda|pulsar|zookeeper|nats|rabbitmq|activemq|elastic|opensearch|solr|meilisearch|cassandra|scylla|cockroach|clickhouse|couchdb|couchbase|neo4j|influx|victoria-?metrics|prometheus|loki|minio|ceph|seaweed|vault|consul|etcd|keycloak|mssql|oracle|db2|registry|harbor|gitea|gitlab|nextcloud|jenkins|nexus|sonarqube/i;
