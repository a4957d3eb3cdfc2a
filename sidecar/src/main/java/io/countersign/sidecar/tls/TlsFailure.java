// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.tls;

import io.netty.handler.ssl.NotSslRecordException;
import java.security.cert.CertificateException;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Says why a handshake failed in the words of Envoy's logs, with BoringSSL's error numbers. */
public final class TlsFailure {
    private static final Pattern OPENSSL = Pattern.compile("error:([0-9a-fA-F]{1,8}):(SSL routines:.*)");
    private static final String NO_CERTIFICATE = "PEER_DID_NOT_RETURN_A_CERTIFICATE";
    private static final int MOST_CAUSES = 8;

    private TlsFailure() {}

    public static String words(Throwable failure) {
        var certificate = certificateFailure(failure);
        if (certificate.isPresent()) {
            return "TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:"
                    + certificate.get()
                    + ":TLS_error_end";
        }
        if (failure instanceof NotSslRecordException) {
            return "TLS_error:|268435703:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER:TLS_error_end";
        }
        var message = String.valueOf(failure.getMessage());
        var openssl = OPENSSL.matcher(message);
        if (!openssl.find()) {
            return "TLS_error:" + message;
        }
        var words = openssl.group(2);
        return "TLS_error:|" + Long.parseLong(openssl.group(1), 16) + ":" + words
                + (words.endsWith(NO_CERTIFICATE) ? ":peer did not provide required client certificate" : "")
                + ":TLS_error_end";
    }

    private static Optional<String> certificateFailure(Throwable failure) {
        @Nullable Throwable cause = failure;
        for (int i = 0; i < MOST_CAUSES && cause != null; i++) {
            if (cause instanceof CertificateException) {
                return Optional.ofNullable(cause.getMessage());
            }
            cause = cause.getCause();
        }
        return Optional.empty();
    }
}
