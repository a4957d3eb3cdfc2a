// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.sidecar.exchange.Exchange;
import io.countersign.sidecar.exchange.Ruling;
import io.countersign.sidecar.exchange.TlsFacts;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What Envoy 1.40 was seen to write for the same requests. */
class OperatorsTest {
    private static final String METADATA = "%DYNAMIC_METADATA(envoy.filters.http.rbac";

    private static Exchange exchange(@Nullable TlsFacts tls, String contentType) {
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
        var exchange = new Exchange(address, address, tls);
        exchange.request("POST", "/", "x", "HTTP/2", new DefaultHttpHeaders().add("content-type", contentType));
        return exchange;
    }

    private static String text(Exchange exchange, String format) {
        return new LineFormat.Text(Format.parse(format), false).line(exchange);
    }

    private static HttpHeaders status(String code) {
        return new DefaultHttpHeaders().add("grpc-status", code);
    }

    @ParameterizedTest
    @CsvSource({
        "0, OK, OK, 0",
        "1, Canceled, CANCELLED, 1",
        "2, Unknown, UNKNOWN, 2",
        "3, InvalidArgument, INVALID_ARGUMENT, 3",
        "4, DeadlineExceeded, DEADLINE_EXCEEDED, 4",
        "5, NotFound, NOT_FOUND, 5",
        "7, PermissionDenied, PERMISSION_DENIED, 7",
        "12, Unimplemented, UNIMPLEMENTED, 12",
        "16, Unauthenticated, UNAUTHENTICATED, 16",
        "17, 17, 17, 17",
        "99, 99, 99, 99",
        "-1, -1, -1, -1",
        "no, -1, -1, -1"
    })
    void grpcStatusHasANameOrIsTheNumber(String sent, String camel, String snake, String number) {
        var call = exchange(null, "application/grpc");
        call.response(200, new DefaultHttpHeaders(), "");
        call.trailers(status(sent));

        assertEquals(camel, text(call, "%GRPC_STATUS%"));
        assertEquals(camel, text(call, "%GRPC_STATUS(CAMEL_STRING)%"));
        assertEquals(snake, text(call, "%GRPC_STATUS(SNAKE_STRING)%"));
        assertEquals(number, text(call, "%GRPC_STATUS(NUMBER)%"));
        assertEquals(number, text(call, "%GRPC_STATUS_NUMBER%"));
    }

    @Test
    void grpcStatusOfTheTrailersGoesBeforeThatOfTheHeadAndOfTheHttpCode() {
        var call = exchange(null, "application/grpc+proto");
        assertEquals("-", text(call, "%GRPC_STATUS%"));

        call.response(404, new DefaultHttpHeaders(), "");
        assertEquals("Unimplemented", text(call, "%GRPC_STATUS%"));
        call.response(200, new DefaultHttpHeaders(), "");
        assertEquals("Unknown", text(call, "%GRPC_STATUS%"));
        call.response(200, status("13"), "");
        assertEquals("Internal", text(call, "%GRPC_STATUS%"));
        call.trailers(status("0"));
        assertEquals("OK", text(call, "%GRPC_STATUS%"));
    }

    @Test
    void otherRequestsHaveNoGrpcStatus() {
        var request = exchange(null, "text/plain");
        request.response(200, status("0"), "");

        assertEquals("- -", text(request, "%GRPC_STATUS% %GRPC_STATUS_NUMBER%"));
        assertEquals("{\"s\":null}\n", json(request, "%GRPC_STATUS%"));
    }

    /** As Envoy 1.40 was seen to write it. */
    @Test
    void factsThatAreMissingCanBeLeftOutOfJson() {
        var missing = Format.parse("%REQ(X-MISSING)%");
        var lean = new LineFormat.JsonObject(
                Map.of(
                        "missing", missing,
                        "mixed", Format.parse("a %REQ(X-MISSING)% b"),
                        "none", List.of(missing),
                        "hollow", Map.of("missing", missing),
                        "list", List.of(missing, "text")),
                true);

        var line = lean.line(exchange(null, "text/plain"));

        assertEquals("{\"list\":[\"text\"],\"mixed\":\"a  b\",\"none\":[]}\n", line);
    }

    @Test
    void rulingsAreMetadataOfTheirFilter() {
        var request = exchange(null, "text/plain");
        assertEquals("- -", text(request, METADATA + ")% " + METADATA + ":shadow_engine_result)%"));

        request.ruled(new Ruling("", false, false, Optional.empty()));
        request.ruled(new Ruling("", true, true, Optional.of("good")));

        assertEquals("denied", text(request, METADATA + ":shadow_engine_result)%"));
        assertEquals("-", text(request, METADATA + ":shadow_effective_policy_id)%"));
        assertEquals("allowed", text(request, METADATA + ":enforced_engine_result)%"));
        assertEquals("good", text(request, METADATA + ":enforced_effective_policy_id)%"));
        assertEquals("all", text(request, METADATA + ":enforced_engine_result):3%"));
        var all = "{\"enforced_effective_policy_id\":\"good\",\"enforced_engine_result\":\"allowed\","
                + "\"shadow_engine_result\":\"denied\"}";
        assertEquals(all, text(request, METADATA + ")%"));
        assertEquals(all.substring(0, 20), text(request, METADATA + "):20%"));
        assertEquals("{\"s\":" + all + "}\n", json(request, METADATA + ")%"));
    }

    @Test
    void prefixesOfTheFileAreInTheNames() {
        var request = exchange(null, "text/plain");
        request.ruled(new Ruling("sh_", false, true, Optional.of("p")));

        assertEquals(
                "{\"sh_shadow_effective_policy_id\":\"p\",\"sh_shadow_engine_result\":\"allowed\"}",
                text(request, METADATA + ")%"));
        assertEquals("-", text(request, METADATA + ":shadow_engine_result)%"));
    }

    @Test
    void sessionHasItsIdOrNone() {
        var tls = new TlsFacts(List.of(), List.of(), "TLSv1.2", "x", "", "00ff");
        assertEquals("00ff", text(exchange(tls, ""), "%DOWNSTREAM_TLS_SESSION_ID%"));
        var without = new TlsFacts(List.of(), List.of(), "TLSv1.3", "x", "", "");
        assertEquals("-", text(exchange(without, ""), "%DOWNSTREAM_TLS_SESSION_ID%"));
        assertEquals("-", text(exchange(null, ""), "%DOWNSTREAM_TLS_SESSION_ID%"));
    }

    @Test
    void requestedNameIsWhatWasHeardFirst() {
        var tls = new TlsFacts(List.of(), List.of(), "TLSv1.3", "x", "A.test", "");
        var request = exchange(tls, "");
        assertEquals("-", text(request, "%REQUESTED_SERVER_NAME%"));

        request.requestedServerName("a.test");
        assertEquals("a.test", text(request, "%REQUESTED_SERVER_NAME%"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%DYNAMIC_METADATA(envoy.lb)%",
                "%DYNAMIC_METADATA(envoy.filters.http.rbac:a:b)%",
                "%DYNAMIC_METADATA%",
                "%GRPC_STATUS(WORDS)%",
                "%DOWNSTREAM_TLS_SESSION_ID(x)%"
            })
    void whatIsNotThereIsRefusedByName(String format) {
        var refused = assertThrows(IllegalArgumentException.class, () -> Format.parse(format));

        var name = format.split("[%(]")[1];
        assertTrue(String.valueOf(refused.getMessage()).contains("%" + name + "%"), refused.getMessage());
    }

    private static String json(Exchange exchange, String format) {
        return new LineFormat.JsonObject(Map.of("s", Format.parse(format)), false).line(exchange);
    }
}
