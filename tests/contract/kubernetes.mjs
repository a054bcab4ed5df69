// Checks that Kubernetes objects are as the schemas of their kinds say. Input on standard input: [object].

import { ConfigMap, Service } from "kubernetes-models/v1";
import { StatefulSet } from "kubernetes-models/apps/v1";
import { NetworkPolicy } from "kubernetes-models/networking.k8s.io/v1";
import { readFileSync } from "node:fs";

const models = { ConfigMap, Service, StatefulSet, NetworkPolicy };

for (const object of JSON.parse(readFileSync(0, "utf8"))) {
  const model = models[object.kind];
  if (object.apiVersion !== model.apiVersion) throw new Error(`${object.kind}: ${object.apiVersion}`);
  new model(object).validate();
}
