// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.helper;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.countersign.it.differential.Answer;
import io.countersign.spiffe.x509.Pem;
import io.countersign.spiffe.x509.X509Svid;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** What a helper has left behind: which files, whose, with which modes, and what is in them. */
final class WrittenFiles {
    private static final int PERMISSIONS = 0777;
    private static final int URI = 6;
    private static final Pattern PEM_TYPE = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----");

    private WrittenFiles() {}

    /** @param uid as whom the helper ran */
    static Answer describe(Path folder, int uid) throws IOException {
        var answer = Answer.empty();
        try (var all = Files.walk(folder)) {
            for (var file : all.sorted().toList()) {
                var name = folder.relativize(file).toString();
                if (Files.isRegularFile(file) && !name.startsWith("in/")) {
                    answer = answer.with(name, mode(file, uid) + "\n" + content(file));
                }
            }
        }
        return answer;
    }

    private static String mode(Path file, int uid) throws IOException {
        int bits = (int) Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        var owner = Files.getAttribute(file, "unix:uid");
        return "%04o of %s".formatted(bits & PERMISSIONS, owner.equals(uid) ? "its user" : owner);
    }

    private static String content(Path file) throws IOException {
        var text = Files.readString(file);
        if (text.contains("-----BEGIN CERTIFICATE-----")) {
            return certificates(text);
        }
        if (text.contains("-----BEGIN")) {
            return key(file, text);
        }
        if (text.startsWith("{")) {
            return bundles(text);
        }
        return text.chars().filter(c -> c == '.').count() == 2 ? token(text) : text;
    }

    private static String certificates(String text) {
        var words = new ArrayList<String>();
        for (var certificate : Pem.parseCertificates(text.getBytes(StandardCharsets.US_ASCII))) {
            words.add((certificate.getBasicConstraints() >= 0 ? "authority " : "leaf ")
                    + names(certificate)
                    + (certificate.getNotAfter().toInstant().isBefore(Instant.now()) ? ", ended" : ""));
        }
        return types(text) + "\n" + String.join("\n", words);
    }

    private static String names(X509Certificate certificate) {
        try {
            var names = certificate.getSubjectAlternativeNames();
            return names == null
                    ? certificate.getSubjectX500Principal().toString()
                    : names.stream()
                            .map(name -> (Integer.valueOf(URI).equals(name.get(0)) ? "" : "dns ") + name.get(1))
                            .toList()
                            .toString();
        } catch (CertificateParsingException e) {
            return "unreadable names";
        }
    }

    private static List<String> types(String text) {
        return PEM_TYPE.matcher(text).results().map(found -> found.group(1)).toList();
    }

    /** Whether it belongs to the certificate that stands beside it. */
    private static String key(Path file, String text) throws IOException {
        var types = types(text).toString();
        try (var beside = Files.list(file.getParent())) {
            for (var other : beside.toList()) {
                if (Files.isRegularFile(other)
                        && Files.readString(other).contains("BEGIN CERTIFICATE")
                        && belongs(other, file)) {
                    return types + " for " + other.getFileName();
                }
            }
        }
        return types + " for no certificate";
    }

    private static boolean belongs(Path certificate, Path key) throws IOException {
        try {
            X509Svid.parse(Files.readAllBytes(certificate), Files.readAllBytes(key));
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static String bundles(String text) {
        var words = new ArrayList<String>();
        for (var member :
                new TreeMap<>(JsonParser.parseString(text).getAsJsonObject().asMap()).entrySet()) {
            var keys = JsonParser.parseString(new String(
                            Base64.getDecoder().decode(member.getValue().getAsString()), StandardCharsets.UTF_8))
                    .getAsJsonObject();
            words.add(member.getKey() + " " + keys.keySet());
            keys.getAsJsonArray("keys").forEach(each -> words.add(jwk(each.getAsJsonObject())));
        }
        return String.join("\n", words);
    }

    private static String jwk(JsonObject key) {
        var shown = new TreeMap<String, String>();
        key.asMap()
                .forEach((name, value) ->
                        shown.put(name, List.of("kid", "x", "y", "n").contains(name) ? "VALUE" : value.getAsString()));
        return shown.toString();
    }

    private static String token(String text) {
        var parts = text.split("\\.", -1);
        var header = new TreeMap<>(json(parts[0]).asMap());
        header.computeIfPresent("kid", (_, _) -> JsonParser.parseString("\"VALUE\""));
        var claims = json(parts[1]);
        long seconds = claims.get("exp").getAsLong() - claims.get("iat").getAsLong();
        claims.addProperty("exp", "iat + " + seconds + " s");
        claims.addProperty("iat", "TIME");
        return header + "\n" + new TreeMap<>(claims.asMap()) + (text.endsWith("\n") ? "\nline feed" : "");
    }

    private static JsonObject json(String part) {
        return JsonParser.parseString(new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8))
                .getAsJsonObject();
    }
}
