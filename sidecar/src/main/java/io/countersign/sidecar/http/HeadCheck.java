// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Request heads of HTTP/1.1 that are turned away before anything looks at what they ask for, as Envoy's codec does. */
final class HeadCheck {
    static final int MOST_HEADERS = 100;
    private static final int DELETE = 0x7f;
    /** Others would need a switch that Envoy has and no file here may set. */
    private static final Set<String> METHODS = Set.of(
            "DELETE",
            "GET",
            "HEAD",
            "POST",
            "PUT",
            "CONNECT",
            "OPTIONS",
            "TRACE",
            "COPY",
            "LOCK",
            "MKCOL",
            "MOVE",
            "PROPFIND",
            "PROPPATCH",
            "SEARCH",
            "UNLOCK",
            "BIND",
            "REBIND",
            "UNBIND",
            "ACL",
            "REPORT",
            "MKACTIVITY",
            "CHECKOUT",
            "MERGE",
            "M-SEARCH",
            "NOTIFY",
            "SUBSCRIBE",
            "UNSUBSCRIBE",
            "PATCH",
            "PURGE",
            "MKCALENDAR",
            "LINK",
            "UNLINK",
            "SOURCE");

    private static final Set<String> NOT_TO_BE_NOMINATED =
            Set.of("host", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto");

    private HeadCheck() {}

    /** The answer to a head that could not be parsed. */
    static Answer unreadable(Throwable cause) {
        if (cause instanceof TooLongHttpHeaderException || cause instanceof TooLongHttpLineException) {
            return Answer.HEADERS_TOO_LARGE;
        }
        var words = String.valueOf(cause.getMessage());
        if (words.startsWith("Validation failed for header")) {
            return Answer.BAD_CHARACTERS;
        }
        return words.toLowerCase(Locale.ROOT).contains("transfer-encoding")
                ? Answer.LENGTH_AND_CHUNKS
                : Answer.MALFORMED;
    }

    /** Why one that could be parsed is not taken, if so. */
    static Optional<Answer> refusal(HttpRequest request) {
        if (!METHODS.contains(request.method().name())) {
            // as "PRI" of HTTP/2, whose version is not too old
            return Optional.of(Answer.MALFORMED);
        }
        if (!request.protocolVersion().equals(HttpVersion.HTTP_1_1)) {
            return Optional.of(Answer.OLD_HTTP);
        }
        var headers = request.headers();
        if (headers.size() > MOST_HEADERS) {
            return Optional.of(Answer.TOO_MANY_HEADERS);
        }
        // two hosts would let this sidecar and the program behind it see different ones (RFC 9112, section 3.2)
        if (!understood(request)
                || headers.getAll(HttpHeaderNames.HOST).size() > 1
                || !Authority.isSound(headers.get(HttpHeaderNames.HOST, ""))) {
            return Optional.of(Answer.MALFORMED);
        }
        var codings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
        if (!codings.isEmpty() && !(codings.size() == 1 && codings.getFirst().equalsIgnoreCase("chunked"))) {
            // whoever reads on would take the body for the next request
            return Optional.of(Answer.UNKNOWN_CODING);
        }
        return nominated(headers.getAll(HttpHeaderNames.CONNECTION)).stream().anyMatch(NOT_TO_BE_NOMINATED::contains)
                ? Optional.of(Answer.BAD_CONNECTION_HEADER)
                : Optional.empty();
    }

    /** Origin form, absolute form, authority form for CONNECT, or the asterisk. */
    private static boolean understood(HttpRequest request) {
        var target = request.uri();
        if (!target.chars().allMatch(letter -> letter < DELETE)) {
            return false;
        }
        if (target.startsWith("http://") || target.startsWith("https://")) {
            return Authority.isSoundIn(target);
        }
        return target.startsWith("/")
                || request.method().equals(HttpMethod.CONNECT)
                || (request.method().equals(HttpMethod.OPTIONS) && target.equals("*"));
    }

    /** The names in {@code connection} headers, in lower case. */
    static List<String> nominated(List<String> values) {
        return values.stream()
                .flatMap(value -> List.of(value.split(",")).stream())
                .map(name -> name.strip().toLowerCase(Locale.ROOT))
                .filter(name -> !name.isEmpty())
                .toList();
    }
}
