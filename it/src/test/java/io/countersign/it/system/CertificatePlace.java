// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import com.google.gson.JsonParser;
import io.countersign.spiffe.x509.Pem;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where one sees which certificate a part of the running system has. */
sealed interface CertificatePlace {
    /** Of the certificate that is there now, in hexadecimal. */
    String serial() throws Exception;

    /** The certificate that a helper has written. */
    record HelperFile(Path file) implements CertificatePlace {
        static HelperFile of(RunningSystem system, String owner) {
            return new HelperFile(system.state().resolve(owner).resolve("certs/svid.pem"));
        }

        @Override
        public String serial() throws Exception {
            return Pem.parseCertificates(Files.readAllBytes(file))
                    .getFirst()
                    .getSerialNumber()
                    .toString(16);
        }
    }

    /** What a sidecar's page {@code /certs} shows. */
    record SidecarPage(HttpClient http, URI page) implements CertificatePlace {
        static SidecarPage of(RunningSystem system, String sidecar, HttpClient http) throws Exception {
            var admin = SidecarPorts.of(system, sidecar).admin();
            return new SidecarPage(http, URI.create("http://127.0.0.1:" + admin + "/certs"));
        }

        @Override
        public String serial() throws Exception {
            var body = http.send(HttpRequest.newBuilder(page).build(), BodyHandlers.ofString())
                    .body();
            for (var element : JsonParser.parseString(body).getAsJsonObject().getAsJsonArray("certificates")) {
                var chain = element.getAsJsonObject().getAsJsonArray("cert_chain");
                if (!chain.isEmpty()) {
                    return chain.get(0).getAsJsonObject().get("serial_number").getAsString();
                }
            }
            throw new AssertionError(page + " shows no certificate of its own: " + body);
        }
    }
}
