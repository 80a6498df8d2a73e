import { valueAt } from "../model/value-diff.ts";
import { type KindRule, rule } from "./manifest-rule.ts";

/** Secrets, certificates, namespaces, and what deploys the rest. Source: the API reference of each kind. */
export const otherKinds = (): readonly KindRule[] => [
  {
    kinds: ["ExternalSecret", "ClusterExternalSecret", "PushSecret"],
    destroy: "R3",
    loss: " and the secret that it keeps",
    update: "R2",
    fields: [
      rule(
        "secret-moved",
        "R3",
        "changed",
        "spec.secretStoreRef",
        "reads from another store.",
        "Verify that the value is the same there.",
      ),
      rule(
        "secret-moved",
        "R3",
        "changed",
        "spec.data",
        "reads other values than before.",
        "Verify every value that is read now.",
      ),
      rule(
        "secret-moved",
        "R3",
        "changed",
        "spec.dataFrom",
        "reads other values than before.",
        "Verify every value that is read now.",
      ),
      rule(
        "secret-moved",
        "R3",
        "changed",
        "spec.target.name",
        "writes {after} instead of {before}; the old secret goes.",
        "Move its readers first.",
      ),
      rule(
        "deletion-policy-delete",
        "R3",
        "becomes",
        "spec.target.deletionPolicy",
        "the secret goes when its source goes.",
        "Keep Retain.",
        { values: ["Delete"] },
      ),
      rule(
        "deletion-policy-delete",
        "R3",
        "becomes",
        "spec.deletionPolicy",
        "the remote secret goes with the object.",
        "Keep None.",
        { values: ["Delete"] },
      ),
    ],
  },
  {
    kinds: ["SecretStore", "ClusterSecretStore", "SealedSecret", "Secret", "VaultStaticSecret"],
    destroy: "R3",
    loss: " and what reads it",
    update: "R2",
    fields: [
      rule(
        "secret-moved",
        "R3",
        "changed",
        "spec.provider",
        "reads from another place.",
        "Verify that every value is the same there.",
      ),
    ],
  },
  {
    kinds: ["Certificate", "Issuer", "ClusterIssuer"],
    group: /cert-manager/,
    destroy: "R3",
    loss: "; what presents its certificates loses its trust",
    update: "R2",
    fields: [],
  },
  {
    kinds: ["Namespace"],
    destroy: "R4",
    loss: " and everything in it, claims and secrets too",
    update: "R1",
    fields: [],
  },
  {
    kinds: ["CustomResourceDefinition"],
    destroy: "R4",
    loss: " and every object of that kind",
    update: "R2",
    fields: [],
  },
  {
    kinds: ["HelmRelease"],
    destroy: "R3",
    loss: ": the chart is uninstalled",
    values: [["spec", "values"]],
    fields: [],
  },
  {
    kinds: ["Application"],
    group: /argoproj/,
    destroy: "R3",
    loss: "",
    values: [
      ["spec", "source", "helm", "values"],
      ["spec", "source", "helm", "valuesObject"],
    ],
    worseWhere: (before) =>
      JSON.stringify(valueAt(before, ["metadata", "finalizers"]) ?? "").includes("resources-finalizer")
        ? { class: "R4", loss: " and, by its finalizer, everything that it deployed" }
        : null,
    fields: [
      rule(
        "prune-on",
        "R3",
        "turned-on",
        "spec.syncPolicy.automated.prune",
        "what leaves Git is deleted from now on.",
        "Annotate what keeps data with Prune=false first.",
      ),
    ],
  },
  {
    kinds: ["ClusterRoleBinding"],
    destroy: "R2",
    loss: "; who uses it loses access",
    fields: [
      rule(
        "trust-widened",
        "R3",
        "becomes",
        "roleRef.name",
        "somebody becomes cluster-admin.",
        "Name the narrowest role.",
        { values: ["cluster-admin"], onCreate: true },
      ),
    ],
  },
];
