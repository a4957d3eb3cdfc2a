// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import io.countersign.sidecar.exchange.ResponseFlag;
import io.countersign.sidecar.upstream.UpstreamFailure;
import java.util.Optional;

/**
 * An answer of this sidecar itself, in the words that Envoy uses.
 *
 * @param flag why, for the log; empty if nothing went wrong
 */
record Answer(int status, String body, String details, Optional<ResponseFlag> flag) {
    static final Answer NO_ROUTE = failed(404, "", "route_not_found", ResponseFlag.NR);
    static final Answer UPGRADE_REFUSED = new Answer(403, "", "upgrade_failed", Optional.empty());
    static final Answer NO_ABSOLUTE_PATH = new Answer(404, "", "absolute_path_rejected", Optional.empty());
    static final Answer NO_HOST = new Answer(400, "", "missing_host_header", Optional.empty());
    static final Answer BAD_PATH = new Answer(400, "", "path_normalization_failed", Optional.empty());
    static final Answer OLD_HTTP = failed(426, "Upgrade Required", "low_version", ResponseFlag.DPE);
    static final Answer TIMEOUT = failed(504, "upstream request timeout", "response_timeout", ResponseFlag.UT);
    static final Answer REQUEST_TIMEOUT = failed(408, "request timeout", "request_overall_timeout", ResponseFlag.DT);
    static final Answer HEADERS_TIMEOUT =
            failed(408, "request header timeout", "request_header_timeout", ResponseFlag.DT);
    static final Answer HEADERS_TOO_LARGE =
            failed(431, "Request Header Fields Too Large", "http1.headers_too_large", ResponseFlag.DPE);
    static final Answer TOO_MANY_HEADERS =
            failed(431, "Request Header Fields Too Large", "http1.too_many_headers", ResponseFlag.DPE);
    static final Answer UNKNOWN_CODING =
            failed(501, "Not Implemented", "http1.invalid_transfer_encoding", ResponseFlag.DPE);
    static final Answer BAD_CHARACTERS = malformed("http1.invalid_characters");
    static final Answer LENGTH_AND_CHUNKS = malformed("http1.content_length_and_chunked_not_allowed");
    static final Answer BAD_CONNECTION_HEADER = malformed("http1.connection_header_rejected");
    static final Answer MALFORMED = malformed("http1.codec_error");

    private static Answer failed(int status, String body, String details, ResponseFlag flag) {
        return new Answer(status, body, details, Optional.of(flag));
    }

    private static Answer malformed(String details) {
        return failed(400, "Bad Request", details, ResponseFlag.DPE);
    }

    static Answer denied(String details) {
        return new Answer(403, "RBAC: access denied", details, Optional.empty());
    }

    static Answer direct(int status, String body) {
        return new Answer(status, body, "direct_response", Optional.empty());
    }

    static Answer streamIdle(boolean requestDone) {
        return failed(requestDone ? 504 : 408, "stream timeout", "stream_idle_timeout", ResponseFlag.SI);
    }

    static Answer upstream(UpstreamFailure failure) {
        if (failure.flag() == ResponseFlag.UH) {
            return failed(503, "no healthy upstream", "no_healthy_upstream", ResponseFlag.UH);
        }
        // why it was so is for the operator's log, not for the client
        var body = "upstream connect error or disconnect/reset before headers. reset reason: " + failure.reset();
        var details = "upstream_reset_before_response_started{" + failure.reset()
                + (failure.transport().isEmpty() ? "" : "|" + failure.transport()) + "}";
        return failed(failure.flag() == ResponseFlag.UPE ? 502 : 503, body, details.replace(' ', '_'), failure.flag());
    }

    /** How gRPC clients are told (mapping of HTTP codes in the gRPC documentation). */
    int grpcStatus() {
        return switch (status) {
            case 400 -> 13;
            case 401 -> 16;
            case 403 -> 7;
            case 404 -> 12;
            case 429, 502, 503, 504 -> 14;
            default -> 2;
        };
    }
}
