// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import com.google.protobuf.ByteString;
import io.countersign.sidecar.authz.Body;
import io.countersign.sidecar.authz.Verdict;
import io.countersign.sidecar.bootstrap.ExtAuthz;
import io.countersign.sidecar.bootstrap.FilterOverride;
import io.countersign.sidecar.bootstrap.HttpFilter;
import io.countersign.sidecar.bootstrap.RouteTable.Target;
import io.countersign.sidecar.exchange.Exchange;
import io.countersign.sidecar.format.HeaderChange;
import io.countersign.sidecar.jwt.JwtStatus;
import io.countersign.sidecar.upstream.HttpCall;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A request on its way from its head to its route: the filters of the listener, one after the other. A service that is asked takes its time: until then the
 * rest of the request is not read, but for the part of its body that the service is to be told. Lives on one event loop.
 */
final class Screening implements AutoCloseable {
    /** The request. */
    interface Owner {
        /** It goes where this says. */
        void passed(Router.Found found);

        /** It goes nowhere. */
        void answer(Answer answer);

        /** More of the body is wanted. */
        void bodyWanted();
    }

    private static final String UNASKED = "x-envoy-auth-failure-mode-allowed";

    private final HttpService service;
    private final Exchange exchange;
    private final HttpRequest request;
    private final EventLoop loop;
    private final Owner owner;
    private final Iterator<HttpFilter> filters;
    private final List<HttpContent> kept = new ArrayList<>();
    private final List<HeaderChange> ofAnswer = new ArrayList<>();
    private Router.@Nullable Found found;
    private HttpFilter.@Nullable Authorization gathering;
    private @Nullable HttpCall call;
    private int keptBytes;
    private boolean whole;
    private boolean closed;

    Screening(HttpService service, Exchange exchange, HttpRequest request, EventLoop loop, Owner owner) {
        this.service = service;
        this.exchange = exchange;
        this.request = request;
        this.loop = loop;
        this.owner = owner;
        this.filters = service.config().filters().iterator();
        this.whole = RequestCheck.isBodyless(request);
    }

    void start() {
        // before the filters, so that the log says where a request would have gone that they turn away
        route();
        if (isConnect()) {
            // no route leads there, and nobody is asked about it
            owner.answer(Answer.NO_ROUTE);
        } else {
            next();
        }
    }

    private boolean isConnect() {
        return exchange.method().equals("CONNECT");
    }

    private void route() {
        found = isConnect() ? null : service.router().route(exchange).orElse(null);
        if (found != null) {
            found.note(exchange, service);
        }
    }

    /** Where the request goes as things are; null if nowhere. */
    Router.@Nullable Found found() {
        return found;
    }

    private void next() {
        while (filters.hasNext()) {
            switch (filters.next()) {
                case HttpFilter.Roles(String name, var rbac) -> {
                    var denial = override(name).disabled()
                            ? Optional.<Answer>empty()
                            : RequestCheck.rules(rbac, exchange, service);
                    if (denial.isPresent()) {
                        owner.answer(denial.get());
                        return;
                    }
                }
                case HttpFilter.Tokens tokens -> {
                    if (!override(tokens.name()).disabled()) {
                        judge(tokens);
                        return;
                    }
                }
                case HttpFilter.Authorization asked -> {
                    if (!override(asked.name()).disabled()) {
                        authorize(asked);
                        return;
                    }
                }
            }
        }
        if (found == null) {
            owner.answer(Answer.NO_ROUTE);
        } else if (RequestCheck.upgrades(request) && !Upgrade.isAllowed(request, service.config(), found)) {
            owner.answer(Answer.UPGRADE_REFUSED);
        } else {
            owner.passed(found);
        }
    }

    private FilterOverride override(String name) {
        return found == null ? FilterOverride.NONE : found.override(name);
    }

    private void judge(HttpFilter.Tokens tokens) {
        var check = service.tokenCheck(tokens);
        if (check.isPreflight(exchange)) {
            service.count("jwt_authn.cors_preflight_bypassed");
            judged(JwtStatus.OK);
        } else {
            check.judge(loop, exchange, status -> {
                if (!closed) {
                    judged(status);
                }
            });
        }
    }

    private void judged(JwtStatus status) {
        boolean good = status == JwtStatus.OK;
        service.count("jwt_authn." + (good ? "allowed" : "denied"));
        if (good) {
            next();
        } else {
            owner.answer(Answer.badToken(status, exchange));
        }
    }

    private void authorize(HttpFilter.Authorization asked) {
        boolean told = asked.settings().body().isPresent()
                && !override(asked.name()).withoutBody()
                && !RequestCheck.isBodyless(request)
                && !RequestCheck.upgrades(request);
        if (!told) {
            ask(asked, new Body.Untold());
        } else {
            gathering = asked;
            gather(asked, asked.settings().body().orElseThrow());
        }
    }

    /** Takes a piece of the body over if it is wanted. */
    boolean takes(HttpContent content) {
        if (gathering == null) {
            return false;
        }
        kept.add(content);
        keptBytes += content.content().readableBytes();
        whole = content instanceof LastHttpContent;
        gather(gathering, gathering.settings().body().orElseThrow());
        return true;
    }

    private void gather(HttpFilter.Authorization asked, ExtAuthz.Body limit) {
        if (keptBytes > limit.maxBytes() && !limit.partial()) {
            gathering = null;
            owner.answer(Answer.BODY_TOO_LARGE);
        } else if (whole || (limit.partial() && keptBytes >= limit.maxBytes())) {
            gathering = null;
            ask(asked, told(limit.maxBytes()));
        } else {
            owner.bodyWanted();
        }
    }

    private Body told(int most) {
        byte[] bytes = new byte[Math.min(most, keptBytes)];
        int filled = 0;
        for (var content : kept) {
            int length = Math.min(content.content().readableBytes(), bytes.length - filled);
            content.content().getBytes(content.content().readerIndex(), bytes, filled, length);
            filled += length;
        }
        return new Body.Told(ByteString.copyFrom(bytes), keptBytes > most);
    }

    private void ask(HttpFilter.Authorization asked, Body body) {
        var extensions = override(asked.name()).contextExtensions();
        var begun = service.authorizer(asked).ask(loop, exchange, extensions, body, verdict -> {
            call = null;
            decided(asked.settings(), verdict);
        });
        // an answer that is there already has led on to the next filter, or to the end
        if (!begun.isOver()) {
            call = begun;
        }
    }

    private void decided(ExtAuthz settings, Verdict verdict) {
        switch (verdict) {
            case Verdict.Granted granted -> {
                count(settings, "ok");
                granted(settings, granted);
            }
            case Verdict.Denied denied -> {
                count(settings, "denied");
                charge(denied.status());
                owner.answer(Answer.unauthorized(denied));
            }
            case Verdict.Failed failed -> {
                count(settings, "error");
                failed(settings);
            }
        }
    }

    private void granted(ExtAuthz settings, Verdict.Granted granted) {
        granted.request().forEach(change -> change.apply(exchange.requestHeaders()));
        granted.remove().forEach(exchange.requestHeaders()::remove);
        ofAnswer.addAll(granted.response());
        if (settings.clearRouteCache() && granted.changesRequest()) {
            route();
        }
        next();
    }

    private void failed(ExtAuthz settings) {
        if (!settings.failure().allow()) {
            owner.answer(Answer.authorizationFailed(settings.failure().status()));
            return;
        }
        count(settings, "failure_mode_allowed");
        if (settings.failure().mark()) {
            exchange.requestHeaders().add(UNASKED, "true");
        }
        next();
    }

    private void count(ExtAuthz settings, String what) {
        service.count("ext_authz." + settings.statInfix() + what);
        if (found != null && found.route().target() instanceof Target.ToCluster to) {
            service.cluster(to.cluster()).count("ext_authz." + settings.statInfix() + what);
        }
    }

    private void charge(int status) {
        if (found != null && found.route().target() instanceof Target.ToCluster to) {
            service.cluster(to.cluster()).answered(status);
        }
    }

    boolean keepsBody() {
        return !kept.isEmpty();
    }

    /** Gives up the part of the body that was kept, in order. */
    void handOver(Consumer<HttpContent> successor) {
        var all = List.copyOf(kept);
        kept.clear();
        all.forEach(successor);
    }

    /** What services have said about the answer's headers. */
    void change(HttpHeaders headers) {
        ofAnswer.forEach(change -> change.apply(headers));
    }

    @Override
    public void close() {
        closed = true;
        gathering = null;
        if (call != null) {
            call.cancel();
            call = null;
        }
        handOver(HttpContent::release);
    }
}
