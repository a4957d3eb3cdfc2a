// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.upstream;

import io.countersign.sidecar.exchange.ResponseFlag;
import io.netty.channel.ConnectTimeoutException;
import java.net.ConnectException;
import java.security.cert.CertificateException;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Why an upstream could not be had or was lost, in Envoy's words.
 *
 * @param reset Envoy's reset reason, with spaces
 * @param transport what TCP or TLS said; empty if nothing
 */
public record UpstreamFailure(ResponseFlag flag, String reset, String transport) {
    private static final Pattern OPENSSL = Pattern.compile("error:([0-9a-fA-F]{1,8}):(SSL routines:.*)");
    private static final int MOST_CAUSES = 8;

    public static UpstreamFailure noEndpoint() {
        return new UpstreamFailure(ResponseFlag.UH, "", "");
    }

    public static UpstreamFailure overflow() {
        return new UpstreamFailure(ResponseFlag.UO, "overflow", "");
    }

    public static UpstreamFailure noSecret() {
        return connecting("TLS_error:Secret is not supplied by SDS");
    }

    public static UpstreamFailure timedOut() {
        return new UpstreamFailure(ResponseFlag.UF, "connection timeout", "");
    }

    /** While connecting. */
    public static UpstreamFailure connecting(Throwable cause) {
        return cause instanceof ConnectTimeoutException ? timedOut() : connecting(words(cause));
    }

    private static UpstreamFailure connecting(String transport) {
        return new UpstreamFailure(ResponseFlag.UF, "remote connection failure", transport);
    }

    /** After the connection was up, before an answer was complete. */
    public static UpstreamFailure lost(@Nullable Throwable cause) {
        return new UpstreamFailure(
                ResponseFlag.UC, "connection termination", cause instanceof SSLException ? words(cause) : "");
    }

    public static UpstreamFailure malformed() {
        return new UpstreamFailure(ResponseFlag.UPE, "protocol error", "");
    }

    private static String words(Throwable failure) {
        var certificate = certificateFailure(failure);
        if (certificate.isPresent()) {
            return "TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:"
                    + certificate.get()
                    + ":TLS_error_end";
        }
        var message = String.valueOf(failure.getMessage());
        var openssl = OPENSSL.matcher(message);
        if (openssl.find()) {
            return "TLS_error:|" + Long.parseLong(openssl.group(1), 16) + ":" + openssl.group(2) + ":TLS_error_end";
        }
        if (failure instanceof ConnectException) {
            int colon = message.indexOf(": ");
            return "delayed connect error: " + (message.contains("refused") || colon < 0 ? "Connection refused" : message.substring(0, colon));
        }
        return failure instanceof SSLException ? "TLS_error:" + message : message;
    }

    private static Optional<String> certificateFailure(Throwable failure) {
        Throwable cause = failure;
        for (int i = 0; i < MOST_CAUSES && cause != null; i++) {
            if (cause instanceof CertificateException) {
                return Optional.ofNullable(cause.getMessage());
            }
            cause = cause.getCause();
        }
        return Optional.empty();
    }
}
