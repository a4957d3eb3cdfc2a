// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.sidecar.bootstrap.BootstrapFile.NodeOverride;
import io.countersign.sidecar.exchange.Exchange;
import io.countersign.sidecar.exchange.ResponseFlag;
import io.countersign.sidecar.format.LineFilter;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which exchanges an access log has lines of, as a file says it. */
class LineFilterTest {
    private static final String NOT_FOUND =
            "{status_code_filter: {comparison: {op: EQ, value: {default_value: 404, runtime_key: x}}}}";
    private static final String PROBED = "{header_filter: {header: {name: X-Probe}}}";

    private static String file(String filter) {
        return "admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}, access_log: [{name: f, "
                + filter
                + "typed_config: {\"@type\": type.googleapis.com/envoy.extensions.access_loggers.stream.v3"
                + ".StdoutAccessLog}}]}";
    }

    private static LineFilter filter(String filter) {
        return BootstrapFile.parse(file("filter: " + filter + ", "), "test.yaml", NodeOverride.NONE)
                .admin()
                .orElseThrow()
                .accessLogs()
                .getFirst()
                .filter();
    }

    private static Exchange exchange(int status, String... headers) {
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
        var exchange = new Exchange(address, address, null);
        var came = new DefaultHttpHeaders();
        List.of(headers).forEach(name -> came.add(name, "yes"));
        exchange.request("GET", "/", "x", "HTTP/1.1", came);
        exchange.response(status, new DefaultHttpHeaders(), "");
        return exchange;
    }

    private static boolean takes(String filter, Exchange exchange) {
        return filter(filter).takes(exchange);
    }

    @Test
    void everythingHasALineWithoutAFilter() {
        var log = BootstrapFile.parse(file(""), "test.yaml", NodeOverride.NONE)
                .admin()
                .orElseThrow()
                .accessLogs()
                .getFirst();
        assertTrue(log.filter().takes(exchange(200)));
    }

    @ParameterizedTest
    @CsvSource({
        "EQ, 499, false",
        "EQ, 500, true",
        "GE, 499, false",
        "GE, 500, true",
        "GE, 501, true",
        "LE, 500, true",
        "LE, 501, false",
        "NE, 500, false",
        "NE, 501, true",
        "ne, 501, true"
    })
    void statusIsCompared(String operator, int status, boolean taken) {
        var filter = "{status_code_filter: {comparison: {op: " + operator + ", value: {default_value: 500}}}}";
        assertEquals(taken, takes(filter, exchange(status)));
    }

    /** As protobuf has it: the first of the enum, and nothing. */
    @Test
    void comparisonThatSaysNothingIsForNoStatus() {
        var filter = "{status_code_filter: {comparison: {value: {runtime_key: x}}}}";
        assertTrue(takes(filter, exchange(0)));
        assertFalse(takes(filter, exchange(200)));
    }

    @Test
    void durationIsComparedInMilliseconds() {
        var ended = exchange(200);
        ended.ended();
        assertTrue(takes("{duration_filter: {comparison: {op: LE, value: {default_value: 3600000}}}}", ended));
        assertFalse(takes("{duration_filter: {comparison: {op: GE, value: {default_value: 3600000}}}}", ended));
    }

    @Test
    void headerIsLookedAtWhateverItsCase() {
        assertTrue(takes(PROBED, exchange(200, "x-probe")));
        assertFalse(takes(PROBED, exchange(200)));
        assertTrue(takes(
                "{header_filter: {header: {name: x-probe, string_match: {exact: \"yes\"}}}}",
                exchange(200, "X-Probe")));
        assertTrue(takes("{header_filter: {header: {name: x-probe, invert_match: true}}}", exchange(200)));
    }

    @Test
    void oneOfTheFlagsIsEnough() {
        var overflown = exchange(503);
        overflown.flag(ResponseFlag.UO);
        overflown.flag(ResponseFlag.URX);
        assertTrue(takes("{response_flag_filter: {flags: [UF, UO]}}", overflown));
        assertFalse(takes("{response_flag_filter: {flags: [UF]}}", overflown));
        assertTrue(takes("{response_flag_filter: {}}", overflown));
        assertFalse(takes("{response_flag_filter: {}}", exchange(503)));
    }

    @ParameterizedTest
    @CsvSource({
        "404, x-probe, true, true",
        "404, x-other, false, true",
        "200, x-probe, false, true",
        "200, x-other, false, false"
    })
    void filtersAreJoined(int status, String header, boolean both, boolean either) {
        var parts = "{filters: [" + NOT_FOUND + ", " + PROBED + "]}";
        assertEquals(both, takes("{and_filter: " + parts + "}", exchange(status, header)));
        assertEquals(either, takes("{or_filter: " + parts + "}", exchange(status, header)));
        var twice = "{or_filter: {filters: [{and_filter: " + parts + "}, {and_filter: " + parts + "}]}}";
        assertEquals(both, takes(twice, exchange(status, header)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{status_code_filter: {comparison: {value: {default_value: 1}}}, response_flag_filter: {}}",
                "{status_code_filter: {}}",
                "{status_code_filter: {comparison: {op: GT, value: {default_value: 1}}}}",
                "{status_code_filter: {comparison: {value: {default_value: -1}}}}",
                "{header_filter: {}}",
                "{response_flag_filter: {flags: [UFO]}}",
                "{and_filter: {filters: [{}, {response_flag_filter: {}}]}}",
                "{runtime_filter: {runtime_key: x}}",
                "{grpc_status_filter: {statuses: [OK]}}",
                "{not_health_check_filter: {}}",
                "{status_filter: {}}"
            })
    void filterThatCannotBeKeptIsRefusedByName(String filter) {
        var problems =
                assertThrows(BootstrapException.class, () -> filter(filter)).problems();
        assertTrue(
                problems.stream().allMatch(problem -> problem.path().startsWith("admin.access_log[0].filter")),
                problems.toString());
    }
}
