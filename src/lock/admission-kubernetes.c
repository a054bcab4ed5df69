/* Writes policies for Kubernetes: one that the API server evaluates itself, and one for Kyverno.
 * Both apply to Pods in namespaces with the label relman/environment: TENANT.ENVIRONMENT. They
 * compare the digest of an image, and not its name: the same digest is the same image, wherever it
 * is pulled from. */

#include <errno.h>

#include "base/limits.h"
#include "lock/internal.h"

#define LABEL          "relman/environment"
#define LABEL_MAX      63                    /* bytes of the value of a label */
#define CONFIG_MAP_MAX ((size_t)1000 * 1000) /* bytes of data; the API server accepts 1 MiB */
/* Bytes of the digests in one expression. cel-go reads an expression of up to 100,000
 * characters. */
#define EXPRESSION_MAX ((size_t)60 * 1000)
#define DNS_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789"

/* --- names ------------------------------------------------------------------------------------ */

/* True for a DNS label: letters, digits and hyphens, with no hyphen at either end. */
static bool is_dns_label(const char *text, size_t size)
{
        return size > 0 && strspn(text, DNS_CHARACTERS "-") >= size && text[0] != '-' &&
               text[size - 1] != '-';
}

static bool is_dns_name(const char *text)
{
        for (;; text++) {
                size_t size = strcspn(text, ".");

                if (!is_dns_label(text, size))
                        return false;
                text += size;
                if (!*text)
                        return true;
        }
}

/* Returns TENANT.ENVIRONMENT. A tenant with a dot is refused, because two environments of different
 * tenants could have the same name in one cluster. Returns NULL with the error. */
static const char *name_of(const FormatWriter *writer)
{
        const Lock *lock = writer->lock;
        const char *name =
                arena_printf(writer->arena, "%s.%s", lock->release.tenant, lock->environment);

        if (!name) {
                (void)error_oom(writer->err);
                return NULL;
        }
        if (strlen(name) <= LABEL_MAX && is_dns_name(name) && !strchr(lock->release.tenant, '.'))
                return name;
        (void)error_set(writer->err, ERROR_CONFLICT, -EILSEQ,
                        "'%s' (tenant and environment) cannot be the name of an object and the "
                        "value of a label in Kubernetes; use names of a-z, 0-9 and '-', at most "
                        "%d characters together, and a tenant without '.'",
                        name, LABEL_MAX - 1);
        return NULL;
}

/* --- expressions ------------------------------------------------------------------------------ */

/* The images of a Pod: those of its containers, and those that it mounts. Lists of different types
 * cannot be joined, so each is mapped to texts first. */
#define IMAGES_OF(pod)                                                                             \
        "        " pod ".spec.containers.map(c, c.image) +\n"                                      \
        "        (has(" pod ".spec.initContainers) ? " pod                                         \
        ".spec.initContainers.map(c, c.image) : []) +\n"                                           \
        "        (has(" pod ".spec.ephemeralContainers) ? " pod                                    \
        ".spec.ephemeralContainers.map(c, c.image) : []) +\n"                                      \
        "        (has(" pod ".spec.volumes) ? " pod                                                \
        ".spec.volumes.filter(v, has(v.image) && has(v.image.reference)).map(v, "                  \
        "v.image.reference) : [])\n"

/* Pods are updated while they run, such as by the controller of a Job. A Pod of an older release
 * must not get stuck, so an update is only checked for images that it adds. */
static const char images_text[] =
        "  variables:\n"
        "    - name: before\n"
        "      expression: |-\n"
        "        oldObject == null ? [] :\n" IMAGES_OF(
                "oldObject") "    - name: added\n"
                             "      expression: |-\n"
                             "        (\n" IMAGES_OF(
                                     "object") "        ).filter(i, !(i in variables.before))\n";

/* Resources of Pods that may name new images. */
static const char rules_text[] = "    resourceRules:\n"
                                 "      - apiGroups: ['']\n"
                                 "        apiVersions: [v1]\n"
                                 "        operations: [CREATE, UPDATE]\n"
                                 "        resources: [pods, pods/ephemeralcontainers]\n";

/* Writes a list of texts of allowAlso: those with a tag, or the repositories. The texts are image
 * references, which have no quotes. */
static void put_allowed(const Admission *admission, bool tagged, Buffer *out)
{
        const char *comma = "";

        (void)buffer_putc(out, '[');
        for (size_t i = 0; i < admission->n_also; i++)
                if ((admission->also[i].tag != NULL) == tagged) {
                        (void)buffer_printf(out, "%s'%s'", comma, admission->also[i].text);
                        comma = ", ";
                }
        (void)buffer_putc(out, ']');
}

static size_t n_allowed(const Admission *admission, bool tagged)
{
        size_t n = 0;

        for (size_t i = 0; i < admission->n_also; i++)
                n += (admission->also[i].tag != NULL) == tagged;
        return n;
}

/* Writes the variable `refused`. is_released: an expression that is true if the digest of the image
 * i is released. An image with tag and digest is pulled by its digest, so that an allowed tag does
 * not admit it. */
static void put_refused(const Admission *admission, const char *is_released, Buffer *out)
{
        (void)buffer_printf(
                out,
                "    - name: refused\n"
                "      expression: |-\n"
                "        variables.added.filter(i, !(i.split('@').size() == 2 && (%s)))",
                is_released);
        if (n_allowed(admission, true) > 0) {
                (void)buffer_puts(out, "\n        .filter(i, !(i in ");
                put_allowed(admission, true, out);
                (void)buffer_puts(out, "))");
        }
        if (n_allowed(admission, false) > 0) {
                (void)buffer_puts(out, "\n        .filter(i, !");
                put_allowed(admission, false, out);
                (void)buffer_puts(out, ".exists(r, i == r || i.startsWith(r + ':') || "
                                       "i.startsWith(r + '@') || i.startsWith(r + '/')))");
        }
        (void)buffer_putc(out, '\n');
}

static void put_validations(const Lock *lock, Buffer *out)
{
        (void)buffer_printf(out,
                            "  validations:\n"
                            "    - expression: size(variables.refused) == 0\n"
                            "      message: the Pod has an image that is not of the release\n"
                            "      messageExpression: |-\n"
                            "        'not an image of release %s%s%s in environment %s/%s: ' + "
                            "variables.refused.join(', ')\n"
                            "      reason: Forbidden\n",
                            lock->release.name, lock->previous ? " or " : "",
                            lock->previous ? lock->previous->name : "", lock->release.tenant,
                            lock->environment);
}

static void put_selector(const char *indent, const char *name, Buffer *out)
{
        (void)buffer_printf(out, "%snamespaceSelector:\n%s  matchLabels:\n%s    " LABEL ": '%s'\n",
                            indent, indent, indent, name);
}

static void put_head(const FormatWriter *writer, Buffer *out)
{
        const Release *previous = writer->lock->previous;

        format_head(writer, out);
        (void)buffer_printf(out, "# release before: %s\n", previous ? previous->name : "none");
}

/* --- ValidatingAdmissionPolicy ---------------------------------------------------------------- */

/* Writes the parameter of the policy. Keys of a ConfigMap have no colon, so sha256:HEX is
 * sha256.HEX. The values are for people. */
static int put_config_map(const FormatWriter *writer, const Admission *admission, const char *name,
                          Buffer *out)
{
        size_t before;

        (void)buffer_printf(out,
                            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: relman.%s\n"
                            "  namespace: kube-system\ndata:%s\n",
                            name, admission->n > 0 ? "" : " {}");
        before = out->size;
        for (size_t i = 0; i < admission->n; i++) {
                const Admitted *item = &admission->items[i];
                const char *colon = strchr(item->digest, ':');

                if (!colon)
                        continue; /* never: lock_check() and image_parse() check digests */
                (void)buffer_printf(out, "  %.*s.%s: ", (int)(colon - item->digest), item->digest,
                                    colon + 1);
                if (item->component)
                        (void)buffer_printf(out, "'%s of %s'\n", item->component, item->release);
                else
                        (void)buffer_puts(out, "allowAlso\n");
        }
        if (out->size - before > CONFIG_MAP_MAX)
                return error_set(writer->err, ERROR_CONFLICT, -EFBIG,
                                 "%zu digests do not fit into a ConfigMap, whose limit is 1 MiB; "
                                 "use the format kyverno",
                                 admission->n);
        return 0;
}

static void put_vap(const FormatWriter *writer, const Admission *admission, const char *name,
                    Buffer *out)
{
        (void)buffer_printf(out,
                            "---\napiVersion: admissionregistration.k8s.io/v1\n"
                            "kind: ValidatingAdmissionPolicy\nmetadata:\n  name: relman.%s\n"
                            "spec:\n  failurePolicy: Fail\n"
                            "  paramKind:\n    apiVersion: v1\n    kind: ConfigMap\n"
                            "  matchConstraints:\n%s%s",
                            name, rules_text, images_text);
        put_refused(admission, "i.split('@')[1].replace(':', '.') in params.data", out);
        put_validations(writer->lock, out);
        (void)buffer_printf(out,
                            "---\napiVersion: admissionregistration.k8s.io/v1\n"
                            "kind: ValidatingAdmissionPolicyBinding\nmetadata:\n  name: relman.%s\n"
                            "spec:\n  policyName: relman.%s\n"
                            "  paramRef:\n    name: relman.%s\n    namespace: kube-system\n"
                            "    parameterNotFoundAction: Deny\n"
                            "  validationActions: [Deny]\n  matchResources:\n",
                            name, name, name);
        put_selector("    ", name, out);
}

int format_vap(const FormatWriter *writer, Buffer *out)
{
        const char *name = name_of(writer);
        Admission admission = { 0 };
        int r = name ? format_admission(writer, true, &admission)
                     : error_negative(writer->err->code);

        if (r < 0)
                return r;
        put_head(writer, out);
        r = put_config_map(writer, &admission, name, out);
        if (r < 0)
                return r;
        put_vap(writer, &admission, name, out);
        return format_add(writer, "", out);
}

/* --- Kyverno ---------------------------------------------------------------------------------- */

/* Writes the digests as variables released0, released1, ... Returns how many. */
static size_t put_released(const Admission *admission, Buffer *out)
{
        size_t n = 0, begin = 0;

        for (size_t i = 0; i < admission->n; i++) {
                if (i == 0 || out->size - begin > EXPRESSION_MAX) {
                        (void)buffer_printf(out,
                                            "%s    - name: released%zu\n      expression: |-\n",
                                            n > 0 ? "        ]\n" : "", n);
                        (void)buffer_puts(out, "        [\n");
                        begin = out->size;
                        n++;
                }
                (void)buffer_printf(
                        out, "          '%s'%s\n", admission->items[i].digest,
                        i + 1 == admission->n || out->size - begin > EXPRESSION_MAX ? "" : ",");
        }
        (void)buffer_puts(out, n > 0 ? "        ]\n" : "");
        return n;
}

/* Writes a policy that the admission webhook of Kyverno evaluates. autogen is off: Kyverno would
 * derive rules for Deployments and others from the one for Pods. */
int format_kyverno(const FormatWriter *writer, Buffer *out)
{
        _cleanup_(buffer_done) Buffer is_released;
        const char *name = name_of(writer);
        Admission admission = { 0 };
        size_t n;
        int r = name ? format_admission(writer, true, &admission)
                     : error_negative(writer->err->code);

        buffer_init(&is_released, LOCK_FILE_MAX);
        if (r < 0)
                return r;
        put_head(writer, out);
        (void)buffer_printf(out,
                            "apiVersion: policies.kyverno.io/v1\nkind: ValidatingPolicy\n"
                            "metadata:\n  name: relman.%s\nspec:\n  failurePolicy: Fail\n"
                            "  validationActions: [Deny]\n"
                            "  evaluation:\n    background:\n      enabled: false\n"
                            "  autogen:\n    podControllers:\n      controllers: []\n"
                            "  matchConstraints:\n",
                            name);
        put_selector("    ", name, out);
        (void)buffer_printf(out, "%s%s", rules_text, images_text);
        n = put_released(&admission, out);
        (void)buffer_puts(&is_released, n > 0 ? "" : "false");
        for (size_t i = 0; i < n; i++)
                (void)buffer_printf(&is_released, "%si.split('@')[1] in variables.released%zu",
                                    i > 0 ? " || " : "", i);
        put_refused(&admission, is_released.data, out);
        if (is_released.failed && !out->failed)
                out->failed = is_released.failed;
        put_validations(writer->lock, out);
        return format_add(writer, "", out);
}
