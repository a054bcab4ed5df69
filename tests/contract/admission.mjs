// Checks the policies of the formats vap and kyverno: validates the objects, and evaluates their CEL expressions
// for Pods. Input on standard input: {documents: [object], requests: [{object, oldObject}]}. Output: for each
// request null if it is admitted, otherwise the message.

import { celEnv, parse, plan } from "@bufbuild/cel";
import { strings } from "@bufbuild/cel/ext";
import { ConfigMap } from "kubernetes-models/v1";
import {
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from "kubernetes-models/admissionregistration.k8s.io/v1";
import { ValidatingPolicy } from "@kubernetes-models/kyverno/policies.kyverno.io/v1";
import { readFileSync } from "node:fs";

const models = { ConfigMap, ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, ValidatingPolicy };
const environment = celEnv({ funcs: strings });

function evaluate(expression, bindings) {
  const value = plan(environment, parse(expression))(bindings);
  if (value instanceof Error) throw value;
  return value;
}

function admit(policy, params, request) {
  // the API server evaluates a variable when it is used, and each once
  const variables = {};
  const bindings = { object: request.object, oldObject: request.oldObject ?? null, variables, params };
  for (const { name, expression } of policy.spec.variables) variables[name] = evaluate(expression, bindings);
  for (const { expression, messageExpression } of policy.spec.validations)
    if (evaluate(expression, bindings) !== true) return evaluate(messageExpression, bindings);
  return null;
}

const { documents, requests } = JSON.parse(readFileSync(0, "utf8"));
for (const document of documents) {
  if (document.apiVersion !== models[document.kind].apiVersion) throw new Error(document.apiVersion);
  new models[document.kind](document).validate();
}
const policy = documents.find((d) => d.kind.endsWith("Policy"));
const params = documents.find((d) => d.kind === "ConfigMap");
console.log(JSON.stringify(requests.map((request) => admit(policy, params, request))));
