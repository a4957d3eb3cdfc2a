// SPDX-License-Identifier: Apache-2.0
package io.countersign.backend.web;

import io.countersign.backend.database.Order;
import io.countersign.backend.database.Orders;
import io.countersign.backend.database.SessionPool;
import io.countersign.evidence.Json;
import io.countersign.launch.EventLog;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The endpoints of the contract: exact paths, any method. */
@RestController
class BackendController {
    private static final MediaType PLAIN = new MediaType(MediaType.TEXT_PLAIN, StandardCharsets.UTF_8);

    private final SessionPool pool;
    private final Orders orders;
    private final DemoRun demo;
    private final EventLog log;

    BackendController(SessionPool pool, DemoRun demo, EventLog log) {
        this.pool = pool;
        this.orders = new Orders(pool);
        this.demo = demo;
        this.log = log;
    }

    @RequestMapping("/health")
    ResponseEntity<byte[]> health() {
        try {
            pool.ping();
        } catch (SQLException e) {
            log.error().addKeyValue("error", e.getMessage()).log("Health check failed");
            return text(503, "Database unhealthy");
        }
        var answer = new LinkedHashMap<String, String>();
        answer.put("component", "backend");
        answer.put("status", "healthy");
        return json(answer);
    }

    @RequestMapping("/api/orders")
    ResponseEntity<byte[]> orders() {
        try {
            List<Order> all = orders.newestFirst();
            log.info()
                    .addKeyValue("count", all.size())
                    .addKeyValue("pattern", "spiffe-helper")
                    .log("Retrieved orders");
            return all.isEmpty() ? json("null\n".getBytes(StandardCharsets.UTF_8)) : json(all);
        } catch (SQLException e) {
            log.error().addKeyValue("error", e.getMessage()).log("Failed to retrieve orders");
            return text(500, "Failed to retrieve orders");
        }
    }

    @RequestMapping("/api/demo")
    ResponseEntity<byte[]> demo(HttpServletRequest request) {
        return json(demo.answer(request));
    }

    @RequestMapping("/**")
    ResponseEntity<byte[]> other() {
        return text(404, "404 page not found");
    }

    private static ResponseEntity<byte[]> json(Object value) {
        return json(Json.line(value));
    }

    private static ResponseEntity<byte[]> json(byte[] body) {
        return ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON).body(body);
    }

    private static ResponseEntity<byte[]> text(int status, String message) {
        return ResponseEntity.status(status)
                .contentType(PLAIN)
                .header("X-Content-Type-Options", "nosniff")
                .body((message + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
