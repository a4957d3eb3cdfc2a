// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import io.countersign.sidecar.bootstrap.HttpConnections;
import io.countersign.sidecar.exchange.Exchange;
import io.countersign.sidecar.exchange.Ruling;
import io.countersign.sidecar.rbac.Rbac;
import io.countersign.sidecar.rbac.Rules.Decision;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import java.net.URI;
import java.util.Optional;

/** Whether a request whose head is sound may go on: what it asks for, and who asks. */
final class RequestCheck {
    private static final int DELETE = 0x7f;

    private RequestCheck() {}

    /** Why its target is refused, if so. Makes path and authority what rules are to see. */
    static Optional<Answer> target(Exchange exchange, HttpConnections.Paths paths) {
        if (exchange.requestHeader("host").isEmpty()) {
            return Optional.of(Answer.NO_HOST);
        }
        if (exchange.method().equals("CONNECT")) {
            exchange.normalPath("");
            return Optional.empty();
        }
        var path = exchange.path();
        if (path.chars().anyMatch(letter -> letter <= ' ' || letter == DELETE)) {
            // no header can carry it, as one has to where the path is rewritten
            return Optional.of(Answer.BAD_PATH);
        }
        if (path.startsWith("http://") || path.startsWith("https://")) {
            try {
                var absolute = URI.create(path);
                exchange.rewriteAuthority(
                        Optional.ofNullable(absolute.getRawAuthority()).orElse(""));
                path = path.substring(path.indexOf("://") + 3);
                path = path.indexOf('/') < 0 ? "/" : path.substring(path.indexOf('/'));
            } catch (IllegalArgumentException e) {
                return Optional.of(Answer.BAD_PATH);
            }
        }
        if (!path.startsWith("/")) {
            return Optional.of(Answer.NO_ABSOLUTE_PATH);
        }
        // a fragment is for the client alone; who sends one may mean to pass a rule by
        var normal = path.contains("#") ? Optional.<String>empty() : PathNormal.of(path, paths);
        normal.ifPresent(exchange::normalPath);
        return normal.isEmpty() ? Optional.of(Answer.BAD_PATH) : Optional.empty();
    }

    /** What these rules have against it, if anything; counts what they decide. */
    static Optional<Answer> rules(Rbac rbac, Exchange exchange, HttpService service) {
        rbac.shadow().ifPresent(rules -> {
            var would = rules.decide(exchange);
            count(service, rbac, rbac.shadowStatInfix(), would, would.allowed() ? "shadow_allowed" : "shadow_denied");
            exchange.ruled(new Ruling(rbac.shadowPrefix(), false, would.allowed(), would.policy()));
        });
        if (rbac.enforced().isEmpty()) {
            return Optional.empty();
        }
        var decision = rbac.enforced().get().decide(exchange);
        count(service, rbac, rbac.statInfix(), decision, decision.allowed() ? "allowed" : "denied");
        exchange.ruled(new Ruling(rbac.prefix(), true, decision.allowed(), decision.policy()));
        return decision.allowed() ? Optional.empty() : Optional.of(Answer.denied(decision.details()));
    }

    private static void count(HttpService service, Rbac rbac, String infix, Decision decision, String outcome) {
        service.count("rbac." + infix + outcome);
        if (rbac.eachPolicy()) {
            decision.policy().ifPresent(policy -> service.count("rbac." + infix + "policy." + policy + "." + outcome));
        }
    }

    /** Whether it asks for another protocol on its connection. */
    static boolean upgrades(HttpRequest request) {
        return request.headers().contains(HttpHeaderNames.UPGRADE)
                && request.headers().containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)
                && !request.headers().containsValue(HttpHeaderNames.UPGRADE, "h2c", true);
    }

    /** Whether its client means to send another one; some say that in a header which was never a standard. */
    static boolean keepsConnection(HttpRequest request) {
        return HttpUtil.isKeepAlive(request)
                && !request.headers().containsValue("proxy-connection", HttpHeaderValues.CLOSE, true);
    }

    /** Whether nothing follows the head; its empty end is still to be read. */
    static boolean isBodyless(HttpRequest request) {
        return !HttpUtil.isTransferEncodingChunked(request) && HttpUtil.getContentLength(request, 0L) == 0;
    }
}
