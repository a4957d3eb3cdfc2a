// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.upstream;

import io.countersign.sidecar.exchange.ResponseFlag;
import io.countersign.sidecar.tls.TlsFailure;
import io.netty.channel.ConnectTimeoutException;
import java.net.ConnectException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Why an upstream could not be had or was lost, in Envoy's words.
 *
 * @param reset Envoy's reset reason, with spaces
 * @param transport what TCP or TLS said; empty if nothing
 */
public record UpstreamFailure(ResponseFlag flag, String reset, String transport) {
    private static final String REFUSED_STREAM = "remote refused stream reset";

    public static UpstreamFailure noEndpoint() {
        return new UpstreamFailure(ResponseFlag.UH, "", "");
    }

    public static UpstreamFailure overflow() {
        return new UpstreamFailure(ResponseFlag.UO, "overflow", "");
    }

    public static UpstreamFailure noSecret() {
        return connecting("TLS_error: Secret is not supplied by SDS");
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

    /** By a reset of one HTTP/2 stream. */
    public static UpstreamFailure reset(boolean refused) {
        return new UpstreamFailure(ResponseFlag.UR, refused ? REFUSED_STREAM : "remote reset", "");
    }

    /** Whether the upstream says that it has not looked at the request. */
    public boolean isRefusedStream() {
        return reset.equals(REFUSED_STREAM);
    }

    public static UpstreamFailure malformed() {
        return new UpstreamFailure(ResponseFlag.UPE, "protocol error", "");
    }

    private static String words(Throwable failure) {
        if (failure instanceof SSLException) {
            return TlsFailure.words(failure);
        }
        return failure instanceof ConnectException
                ? "delayed connect error: Connection refused"
                : "delayed connect error: " + failure.getMessage();
    }
}
