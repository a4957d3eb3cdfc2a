// SPDX-License-Identifier: Apache-2.0
package io.countersign.backend.web;

import io.countersign.launch.EventLog;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;

/** Logs each request and its answer. */
final class RequestLog extends HttpFilter {
    private final transient EventLog log;

    RequestLog(EventLog log) {
        this.log = log;
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        var method = request.getMethod();
        var path = request.getRequestURI();
        var remote = request.getRemoteAddr() + ":" + request.getRemotePort();
        log.info()
                .addKeyValue("method", method)
                .addKeyValue("path", path)
                .addKeyValue("remote_addr", remote)
                .log("HTTP request");
        long start = System.nanoTime();
        try {
            chain.doFilter(request, response);
        } finally {
            long millis = Duration.ofNanos(System.nanoTime() - start).toMillis();
            log.info()
                    .addKeyValue("method", method)
                    .addKeyValue("path", path)
                    .addKeyValue("duration_ms", millis)
                    .log("HTTP response");
        }
    }
}
