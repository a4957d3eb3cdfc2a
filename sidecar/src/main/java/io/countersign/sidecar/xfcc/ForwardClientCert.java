// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.xfcc;

import io.countersign.sidecar.exchange.CertificateFacts;
import io.countersign.sidecar.exchange.TlsFacts;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What happens to {@code x-forwarded-client-cert}. Only a verified client certificate counts: a header never vouches for
 * a peer that showed none.
 *
 * @param details pieces beside the always present By and Hash
 */
public record ForwardClientCert(Mode mode, Set<Detail> details) {
    public static final String HEADER = "x-forwarded-client-cert";

    public enum Mode {
        SANITIZE,
        FORWARD_ONLY,
        APPEND_FORWARD,
        SANITIZE_SET,
        ALWAYS_FORWARD_ONLY
    }

    public enum Detail {
        CERT,
        CHAIN,
        SUBJECT,
        URI,
        DNS
    }

    public ForwardClientCert {
        details = Set.copyOf(details);
    }

    public void apply(HttpHeaders headers, Optional<TlsFacts> connection) {
        if (mode == Mode.ALWAYS_FORWARD_ONLY) {
            return;
        }
        var tls = connection.filter(facts -> !facts.peer().isEmpty());
        if (tls.isEmpty()) {
            headers.remove(HEADER);
            return;
        }
        switch (mode) {
            case SANITIZE -> headers.remove(HEADER);
            case SANITIZE_SET -> headers.set(HEADER, element(tls.get()));
            case APPEND_FORWARD -> {
                var before = headers.getAll(HEADER);
                var own = element(tls.get());
                headers.set(HEADER, before.isEmpty() ? own : String.join(",", before) + "," + own);
            }
            case FORWARD_ONLY, ALWAYS_FORWARD_ONLY -> {}
        }
    }

    /** One hop, in the fixed order that readers in the wild rely on. */
    private String element(TlsFacts tls) {
        var pairs = new ArrayList<String>();
        tls.localLeaf().ifPresent(own -> own.uriSans().forEach(uri -> pairs.add("By=" + value(uri))));
        var leaf = tls.peer().getFirst();
        pairs.add("Hash=" + leaf.sha256());
        if (details.contains(Detail.CERT)) {
            pairs.add("Cert=\"" + urlEncoded(leaf.pem()) + "\"");
        }
        if (details.contains(Detail.CHAIN)) {
            pairs.add("Chain=\""
                    + urlEncoded(tls.peer().stream().map(CertificateFacts::pem).collect(Collectors.joining()))
                    + "\"");
        }
        if (details.contains(Detail.SUBJECT)) {
            pairs.add("Subject=" + quoted(leaf.subject()));
        }
        if (details.contains(Detail.URI)) {
            addAll(pairs, "URI", leaf.uriSans());
        }
        if (details.contains(Detail.DNS)) {
            leaf.dnsSans().forEach(name -> pairs.add("DNS=" + value(name)));
        }
        return String.join(";", pairs);
    }

    private static void addAll(List<String> pairs, String key, List<String> values) {
        if (values.isEmpty()) {
            pairs.add(key + "=");
        }
        values.forEach(value -> pairs.add(key + "=" + value(value)));
    }

    /** A SPIFFE ID stays as it is; a name that could pass for further pairs is quoted. */
    private static String value(String text) {
        return text.matches("[^,;=\"]*") ? text : quoted(text);
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    private static String urlEncoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
