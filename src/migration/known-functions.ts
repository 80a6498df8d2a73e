import { BUILT_IN } from "./built-in-functions.ts";

/** Whether a function by that name is PostgreSQL's own, or a common extension's, and runs nothing but itself. */
export const isKnownFunction = (parts: readonly string[]): boolean => {
  const name = parts.at(-1) ?? "";
  const schema = parts.at(-2);
  if (schema === "pg_catalog") return BUILT_IN.has(name);
  if (schema === undefined) return BUILT_IN.has(name) || EXTENSIONS.has(name);
  return schema === "information_schema" || (EXTENSION_SCHEMAS.has(schema) && EXTENSIONS.has(name));
};

/** Where extensions are put by custom; in another schema a function of their names is somebody's own. */
const EXTENSION_SCHEMAS: ReadonlySet<string> = new Set(["public", "extensions", "postgis", "partman"]);

// The last line has those that rules of their own tell.
const EXTENSIONS: ReadonlySet<string> = new Set(
  [
    "crypt gen_salt digest hmac gen_random_bytes encrypt decrypt encrypt_iv decrypt_iv armor dearmor",
    "pgp_sym_encrypt pgp_sym_decrypt pgp_sym_encrypt_bytea pgp_sym_decrypt_bytea pgp_pub_encrypt pgp_pub_decrypt",
    "uuid_generate_v1 uuid_generate_v1mc uuid_generate_v3 uuid_generate_v4 uuid_generate_v5 uuid_nil uuid_ns_dns",
    "uuid_ns_url uuid_ns_oid uuid_ns_x500 hstore akeys avals skeys svals hstore_to_json hstore_to_jsonb slice",
    "similarity word_similarity strict_word_similarity show_trgm show_limit set_limit unaccent levenshtein",
    "levenshtein_less_equal soundex difference metaphone dmetaphone dmetaphone_alt daitch_mokotoff normal_rand",
    "nlevel subpath subltree ltree2text text2ltree lca uniq idx icount sort sort_asc sort_desc earth_distance",
    "earth_box ll_to_earth latitude longitude l2_distance cosine_distance inner_product l1_distance l2_normalize",
    "vector_dims vector_norm subvector binary_quantize pgstattuple pgstatindex pg_prewarm pg_stat_statements_reset",
    "time_bucket time_bucket_gapfill locf interpolate first last show_chunks hypertable_size hypertable_detailed_size",
    "st_area st_asbinary st_asewkt st_asgeojson st_astext st_azimuth st_boundary st_buffer st_centroid st_collect",
    "st_contains st_convexhull st_coveredby st_covers st_crosses st_difference st_dimension st_disjoint st_distance",
    "st_distancesphere st_dump st_dumppoints st_dwithin st_endpoint st_envelope st_equals st_expand st_extent",
    "st_force2d st_force3d st_geographyfromtext st_geohash st_geometryn st_geometrytype st_geomfromewkt",
    "st_geomfromgeojson st_geomfromtext st_geomfromwkb st_intersection st_intersects st_isempty st_isvalid st_length",
    "st_linemerge st_makeenvelope st_makeline st_makepoint st_makepolygon st_makevalid st_multi st_npoints",
    "st_numgeometries st_overlaps st_perimeter st_point st_pointn st_pointonsurface st_setsrid st_simplify",
    "st_snaptogrid st_srid st_startpoint st_subdivide st_symdifference st_touches st_transform st_translate",
    "st_unaryunion st_union st_within st_x st_xmax st_xmin st_y st_ymax st_ymin st_z postgis_version",
    "drop_chunks add_retention_policy drop_partition_time drop_partition_id dblink_connect dblink_connect_u",
  ].flatMap((line) => line.split(" ")),
);
