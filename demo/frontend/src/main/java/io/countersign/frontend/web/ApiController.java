// SPDX-License-Identifier: Apache-2.0
package io.countersign.frontend.web;

import io.countersign.evidence.Json;
import jakarta.servlet.http.HttpServletRequest;
import java.util.LinkedHashMap;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The endpoints of the contract, any method; and the break-in, which changes something and therefore wants POST. */
@RestController
class ApiController {
    private final DemoCall demo;
    private final BreakIn breakIn;

    ApiController(DemoCall demo, BreakIn breakIn) {
        this.demo = demo;
        this.breakIn = breakIn;
    }

    @RequestMapping("/health")
    ResponseEntity<byte[]> health() {
        var answer = new LinkedHashMap<String, String>();
        answer.put("component", "frontend");
        answer.put("status", "healthy");
        return Answers.json(Json.line(answer));
    }

    @RequestMapping("/api/demo")
    ResponseEntity<byte[]> demo() {
        return demo.run();
    }

    @RequestMapping("/api/break-in")
    ResponseEntity<byte[]> breakIn(HttpServletRequest request) {
        return breakIn.attempt(request, "");
    }

    @RequestMapping("/api/break-in/{kind:[a-z-]+}")
    ResponseEntity<byte[]> breakIn(HttpServletRequest request, @PathVariable("kind") String kind) {
        return breakIn.attempt(request, "/" + kind);
    }
}
