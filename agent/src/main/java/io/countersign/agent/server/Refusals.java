// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.server;

import com.google.protobuf.InvalidProtocolBufferException;
import io.countersign.serverapi.types.PermissionDeniedDetails;
import io.countersign.serverapi.types.PermissionDeniedDetails.Reason;
import io.countersign.spiffe.x509.X509SvidException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLException;

/** What a failed call says. */
public final class Refusals {
    private static final Set<Status.Code> UNREACHED =
            Set.of(Status.Code.UNAVAILABLE, Status.Code.DEADLINE_EXCEEDED, Status.Code.CANCELLED);

    /** What Java says of an alert that the other end has sent (RFC 8446, section 6.2). */
    private static final String ALERT = "Received fatal alert: ";

    private static final Set<String> ABOUT_CERTIFICATE = Set.of(
            "bad_certificate", "certificate_revoked", "certificate_expired", "certificate_unknown", "unknown_ca");

    private Refusals() {}

    /** Why the server does not take this node for one of its own, if that is what it says. */
    public static Optional<Reason> reason(StatusRuntimeException failure) {
        if (failure.getStatus().getCode() != Status.Code.PERMISSION_DENIED) {
            return Optional.empty();
        }
        var status = StatusProto.fromThrowable(failure);
        if (status == null) {
            return Optional.empty();
        }
        for (var detail : status.getDetailsList()) {
            if (detail.is(PermissionDeniedDetails.class)) {
                try {
                    return Optional.of(
                            detail.unpack(PermissionDeniedDetails.class).getReason());
                } catch (InvalidProtocolBufferException e) {
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }

    /** Whether the server was there to be asked, whatever it has made of it, and we of its answer. */
    public static boolean isReached(StatusRuntimeException failure) {
        return !UNREACHED.contains(failure.getStatus().getCode());
    }

    /** Whether the server itself has said so, and not the connection to it or our reading of its answer. */
    public static boolean isAnswer(StatusRuntimeException failure) {
        return isReached(failure) && failure.getStatus().getCause() == null;
    }

    /** Whether it is we who broke the connection off, as the server's certificate leads to no authority of the bundle. */
    public static boolean isUntrusted(StatusRuntimeException failure) {
        // what cannot be read in an answer has such a cause as well, but not in a handshake
        var causes = causes(failure);
        return causes.stream().anyMatch(SSLException.class::isInstance)
                && causes.stream().anyMatch(X509SvidException.class::isInstance);
    }

    /** Whether it is the server that broke the connection off, as it does not take the certificate of this node. */
    public static boolean isOwnCertificateRefused(StatusRuntimeException failure) {
        return causes(failure).stream()
                .filter(SSLException.class::isInstance)
                .map(cause -> String.valueOf(cause.getMessage()))
                .anyMatch(words -> ABOUT_CERTIFICATE.stream().anyMatch(alert -> words.endsWith(ALERT + alert)));
    }

    private static List<Throwable> causes(StatusRuntimeException failure) {
        var causes = new ArrayList<Throwable>();
        for (Throwable cause = failure.getStatus().getCause(); cause != null; cause = cause.getCause()) {
            causes.add(cause);
        }
        return causes;
    }

    /** The failure in words: for a broken connection, why it broke. */
    public static String words(StatusRuntimeException failure) {
        var words = new StringBuilder(failure.getStatus().getCode().name());
        Optional.ofNullable(failure.getStatus().getDescription())
                .ifPresent(text -> words.append(": ").append(text));
        for (Throwable cause = failure.getStatus().getCause(); cause != null; cause = cause.getCause()) {
            if (cause.getCause() == null && cause.getMessage() != null) {
                words.append(": ").append(cause.getMessage());
            }
        }
        return words.toString();
    }
}
