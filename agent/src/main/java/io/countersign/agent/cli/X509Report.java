// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.Der;
import io.countersign.spiffe.x509.X509Svid;
import io.countersign.workloadapi.X509Context;
import java.io.PrintWriter;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;

/** SVIDs in words and as JSON, as the original prints them. */
final class X509Report {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss '+0000 UTC'").withZone(ZoneOffset.UTC);

    private X509Report() {}

    /** @param label how other trust domains are called */
    static void print(PrintWriter out, X509Context context, Duration taken, Function<TrustDomain, String> label) {
        int count = context.svids().size();
        out.printf("Received %d svid%s after %s%n%n", count, count == 1 ? "" : "s", millis(taken));
        for (var svid : context.svids()) {
            print(out, svid, context, label);
        }
        out.flush();
    }

    private static void print(
            PrintWriter out, X509Svid svid, X509Context context, Function<TrustDomain, String> label) {
        line(out, "SPIFFE ID:", svid.id().toString());
        if (!svid.hint().isEmpty()) {
            line(out, "Hint:", svid.hint());
        }
        line(out, "SVID Valid After:", time(svid.notBefore()));
        line(out, "SVID Valid Until:", time(svid.expiresAt()));
        for (int i = 1; i < svid.chain().size(); i++) {
            validity(out, "Intermediate #" + i, svid.chain().get(i));
        }
        var own = svid.id().trustDomain();
        context.bundle(own).ifPresent(bundle -> authorities(out, "", bundle));
        context.bundles().values().stream()
                .filter(bundle -> !bundle.trustDomain().equals(own))
                .forEach(bundle -> authorities(out, "[" + label.apply(bundle.trustDomain()) + "] ", bundle));
        out.println();
    }

    private static void authorities(PrintWriter out, String prefix, TrustBundle bundle) {
        int i = 1;
        for (var authority : bundle.x509Authorities()) {
            validity(out, prefix + "CA #" + i++, authority);
        }
    }

    private static void validity(PrintWriter out, String label, X509Certificate certificate) {
        line(out, label + " Valid After:", time(certificate.getNotBefore().toInstant()));
        line(out, label + " Valid Until:", time(certificate.getNotAfter().toInstant()));
    }

    private static void line(PrintWriter out, String label, String value) {
        out.print(label + "\t".repeat(Math.max(1, 3 - label.length() / 8)) + value + "\n");
    }

    private static String time(Instant instant) {
        return TIME.format(instant);
    }

    private static String millis(Duration taken) {
        return "%.6fms".formatted(taken.toNanos() / 1e6);
    }

    /** The response of the Workload API in the form of its JSON mapping, names as in the protocol file. */
    static String json(X509Context context) {
        var svids = new JsonArray();
        for (var svid : context.svids()) {
            var object = new JsonObject();
            context.bundle(svid.id().trustDomain())
                    .ifPresent(bundle -> object.addProperty("bundle", base64(bundle.x509Authorities())));
            object.addProperty("hint", svid.hint());
            object.addProperty("spiffe_id", svid.id().toString());
            object.addProperty("x509_svid", base64(svid.chain()));
            object.addProperty(
                    "x509_svid_key",
                    Base64.getEncoder().encodeToString(svid.privateKey().getEncoded()));
            svids.add(object);
        }
        var federated = new JsonObject();
        var own = context.defaultSvid().id().trustDomain();
        context.bundles().forEach((domain, bundle) -> {
            if (!domain.equals(own)) {
                federated.addProperty(domain.idString(), base64(bundle.x509Authorities()));
            }
        });
        var response = new JsonObject();
        response.add("crl", new JsonArray());
        response.add("federated_bundles", federated);
        response.add("svids", svids);
        return response.toString();
    }

    private static String base64(List<X509Certificate> certificates) {
        return Base64.getEncoder().encodeToString(Der.encodeCertificates(certificates));
    }
}
