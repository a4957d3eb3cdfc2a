// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.countersign.it.process.Outcome;
import io.countersign.spiffe.x509.Pem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A self-signed authority and its key as PEM text, made by the JDK's keytool. */
public record TestAuthority(String certificate, String key) {
    private static final String ALIAS = "ca";

    /** @param startDate and how many days, as keytool takes them: {@code -10d} and 1 give one that has ended */
    public static TestAuthority create(Path below, String trustDomain, String startDate, int days) throws Exception {
        var file = below.resolve("keytool-" + UUID.randomUUID());
        var password = UUID.randomUUID().toString();
        var made = Outcome.of(
                Map.of("STORE_PASSWORD", password),
                List.of(
                        Path.of(System.getProperty("java.home"), "bin/keytool").toString(),
                        "-genkeypair",
                        "-alias",
                        ALIAS,
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "C=US,O=" + trustDomain,
                        "-startdate",
                        startDate,
                        "-validity",
                        String.valueOf(days),
                        "-ext",
                        "bc:critical=ca:true",
                        "-ext",
                        "ku:critical=keyCertSign,cRLSign",
                        "-ext",
                        "san=uri:spiffe://" + trustDomain,
                        "-keystore",
                        file.toString(),
                        "-storetype",
                        "PKCS12",
                        "-storepass:env",
                        "STORE_PASSWORD"));
        assertEquals(0, made.code(), made::toString);
        var store = KeyStore.getInstance(file.toFile(), password.toCharArray());
        Files.delete(file);
        return new TestAuthority(
                Pem.certificates(List.of((X509Certificate) store.getCertificate(ALIAS))),
                Pem.privateKey((PrivateKey) store.getKey(ALIAS, password.toCharArray())));
    }
}
