// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import io.countersign.sidecar.authz.Verdict;
import io.countersign.sidecar.exchange.Exchange;
import io.countersign.sidecar.exchange.GrpcCode;
import io.countersign.sidecar.exchange.ResponseFlag;
import io.countersign.sidecar.format.HeaderChange;
import io.countersign.sidecar.jwt.JwtStatus;
import io.countersign.sidecar.upstream.UpstreamFailure;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An answer of this sidecar itself, in the words that Envoy uses.
 *
 * @param flag why, for the log; empty if nothing went wrong
 * @param headers more of them, which go before those that Envoy gives
 */
record Answer(int status, String body, String details, Optional<ResponseFlag> flag, List<HeaderChange> headers) {
    private static final Set<ResponseFlag> FOR_UPSTREAM = EnumSet.of(
            ResponseFlag.UH,
            ResponseFlag.UF,
            ResponseFlag.UC,
            ResponseFlag.UO,
            ResponseFlag.UR,
            ResponseFlag.UT,
            ResponseFlag.UPE);

    static final Answer NO_ROUTE = failed(404, "", "route_not_found", ResponseFlag.NR);
    static final Answer UPGRADE_REFUSED = new Answer(403, "", "upgrade_failed", Optional.empty());
    static final Answer NO_ABSOLUTE_PATH = new Answer(404, "", "absolute_path_rejected", Optional.empty());
    static final Answer NO_HOST = new Answer(400, "", "missing_host_header", Optional.empty());
    static final Answer BAD_PATH = new Answer(400, "", "path_normalization_failed", Optional.empty());
    static final Answer OLD_HTTP = failed(426, "Upgrade Required", "low_version", ResponseFlag.DPE);
    static final Answer TIMEOUT = failed(504, "upstream request timeout", "response_timeout", ResponseFlag.UT);
    static final Answer TRY_TIMEOUT =
            failed(504, "upstream request timeout", "upstream_per_try_timeout", ResponseFlag.UT);
    static final Answer REQUEST_TIMEOUT =
            new Answer(408, "request timeout", "request_overall_timeout", Optional.empty());
    static final Answer HEADERS_TIMEOUT =
            new Answer(408, "request header timeout", "request_header_timeout", Optional.empty());
    static final Answer HEADERS_TOO_LARGE =
            failed(431, "Request Header Fields Too Large", "http1.headers_too_large", ResponseFlag.DPE);
    static final Answer TOO_MANY_HEADERS =
            failed(431, "Request Header Fields Too Large", "http1.too_many_headers", ResponseFlag.DPE);
    static final Answer BODY_TOO_LARGE =
            new Answer(413, "Payload Too Large", "request_payload_too_large", Optional.empty());
    static final Answer UNKNOWN_CODING =
            failed(501, "Not Implemented", "http1.invalid_transfer_encoding", ResponseFlag.DPE);
    static final Answer BAD_CHARACTERS = malformed("http1.invalid_characters");
    static final Answer LENGTH_AND_CHUNKS = malformed("http1.content_length_and_chunked_not_allowed");
    static final Answer BAD_CONNECTION_HEADER = malformed("http1.connection_header_rejected");
    static final Answer MALFORMED = malformed("http1.codec_error");

    Answer {
        headers = List.copyOf(headers);
    }

    private Answer(int status, String body, String details, Optional<ResponseFlag> flag) {
        this(status, body, details, flag, List.of());
    }

    private static Answer failed(int status, String body, String details, ResponseFlag flag) {
        return new Answer(status, body, details, Optional.of(flag));
    }

    private static Answer malformed(String details) {
        return failed(400, "Bad Request", details, ResponseFlag.DPE);
    }

    static Answer denied(String details) {
        return new Answer(403, "RBAC: access denied", details, Optional.empty());
    }

    /** As the service that was asked wants it answered. */
    static Answer unauthorized(Verdict.Denied denied) {
        return new Answer(
                denied.status(), denied.body(), "ext_authz_denied", Optional.of(ResponseFlag.UAEX), denied.headers());
    }

    /** Says what is wrong with the token, and where one is good. */
    static Answer badToken(JwtStatus status, Exchange exchange) {
        var place = exchange.requestHeader("x-forwarded-proto").orElse("") + "://" + exchange.authority()
                + exchange.path().substring(0, Math.min(exchange.path().length(), 256));
        var realm = "Bearer realm=\"" + place.replace("\"", "%22") + "\""
                + (status == JwtStatus.MISSING ? "" : ", error=\"invalid_token\"");
        return new Answer(
                status == JwtStatus.AUDIENCE_NOT_ALLOWED ? 403 : 401,
                status.words(),
                "jwt_authn_access_denied{" + status.words().replace(' ', '_') + "}",
                Optional.empty(),
                List.of(new HeaderChange("www-authenticate", realm, HeaderChange.How.SET)));
    }

    static Answer authorizationFailed(int status) {
        return failed(status, "", "ext_authz_error", ResponseFlag.UAEX);
    }

    static Answer direct(int status, String body) {
        return new Answer(status, body, "direct_response", Optional.empty());
    }

    /** @param requestDone whether the client has said all */
    static Answer expired(Deadlines.Which which, boolean requestDone) {
        return switch (which) {
            case ANSWER -> TIMEOUT;
            case TRY -> TRY_TIMEOUT;
            case IDLE -> streamIdle(requestDone);
            case REQUEST -> REQUEST_TIMEOUT;
        };
    }

    static Answer streamIdle(boolean requestDone) {
        return failed(requestDone ? 504 : 408, "stream timeout", "stream_idle_timeout", ResponseFlag.SI);
    }

    /** @param retried whether it was not the first try */
    static Answer upstream(UpstreamFailure failure, boolean retried) {
        if (failure.flag() == ResponseFlag.UH) {
            return failed(503, "no healthy upstream", "no_healthy_upstream", ResponseFlag.UH);
        }
        // why it was so is for the operator's log, not for the client
        var body = "upstream connect error or disconnect/reset before headers. "
                + (retried ? "retried and the latest " : "") + "reset reason: " + failure.reset();
        var details = "upstream_reset_before_response_started{" + failure.reset()
                + (failure.transport().isEmpty() ? "" : "|" + failure.transport()) + "}";
        return failed(failure.flag() == ResponseFlag.UPE ? 502 : 503, body, details.replace(' ', '_'), failure.flag());
    }

    /** Whether it stands for what an upstream did not say. */
    boolean isForUpstream() {
        return flag.filter(FOR_UPSTREAM::contains).isPresent();
    }

    /** The body as a gRPC status carries it: what is not printable ASCII is percent-encoded. */
    String grpcMessage() {
        var out = new StringBuilder();
        for (byte b : body.getBytes(StandardCharsets.UTF_8)) {
            out.append(b >= ' ' && b <= '~' && b != '%' ? String.valueOf((char) b) : "%%%02X".formatted(b));
        }
        return out.toString();
    }

    /** How gRPC clients are told. */
    int grpcStatus() {
        return GrpcCode.ofHttp(status).number();
    }
}
