// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import com.google.protobuf.BoolValue;
import com.google.rpc.Status;
import io.countersign.rpc.RpcServer;
import io.countersign.sdsapi.auth.AuthorizationGrpc;
import io.countersign.sdsapi.auth.CheckRequest;
import io.countersign.sdsapi.auth.CheckResponse;
import io.countersign.sdsapi.auth.DeniedHttpResponse;
import io.countersign.sdsapi.auth.OkHttpResponse;
import io.countersign.sdsapi.core.HeaderValue;
import io.countersign.sdsapi.core.HeaderValueOption;
import io.countersign.sdsapi.core.HeaderValueOption.HeaderAppendAction;
import io.countersign.sdsapi.type.HttpStatus;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A service that a sidecar asks. The request's header {@code x-decide} says what it answers; without it, that all is well. */
final class Authorizer implements AutoCloseable {
    private final RpcServer server;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final List<CheckRequest> asked = new ArrayList<>();

    private Authorizer(Path socket) throws IOException {
        server = RpcServer.onUnixSocket(socket, 0777, List.of(new Service().bindService()), List.of());
    }

    static Authorizer open(Path socket) throws IOException {
        return new Authorizer(socket);
    }

    /** What it was asked since this was called last. */
    synchronized List<CheckRequest> asked() {
        var all = List.copyOf(asked);
        asked.clear();
        return all;
    }

    private synchronized void remember(CheckRequest request) {
        asked.add(request);
    }

    private final class Service extends AuthorizationGrpc.AuthorizationImplBase {
        @Override
        public void check(CheckRequest request, StreamObserver<CheckResponse> responses) {
            remember(request);
            var how = request.getAttributes().getRequest().getHttp().getHeadersOrDefault("x-decide", "ok");
            switch (how) {
                case "fail" -> responses.onError(io.grpc.Status.UNAVAILABLE.asRuntimeException());
                case "never" -> awaitEnd(responses);
                default -> {
                    responses.onNext(decision(how));
                    responses.onCompleted();
                }
            }
        }

        private void awaitEnd(StreamObserver<CheckResponse> responses) {
            try {
                closed.await();
                responses.onCompleted();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static CheckResponse decision(String how) {
        return switch (how) {
            case "ok" -> CheckResponse.getDefaultInstance();
            case "set" -> granted(set("x-user", "ann"), set("x-new", "1"));
            case "twice" -> granted(set("x-user", "ann"), set("x-user", "bob"));
            case "join" -> granted(append("x-user", true), append("x-new", true), append("x-new", true));
            case "overwrite" -> granted(append("x-user", false));
            case "actions" ->
                granted(Arrays.stream(HeaderAppendAction.values())
                        .filter(action -> action != HeaderAppendAction.UNRECOGNIZED)
                        .flatMap(action -> List.of(
                                acted("x-user-" + action.getNumber(), action),
                                acted("x-new-" + action.getNumber(), action))
                                .stream())
                        .toArray(HeaderValueOption[]::new));
            case "empty" -> granted(set("x-user", ""));
            case "way" -> granted(set("x-way", "other"));
            case "remove" ->
                CheckResponse.newBuilder()
                        .setOkResponse(OkHttpResponse.newBuilder()
                                .addHeadersToRemove("X-User")
                                .addHeadersToRemove("x-decide")
                                .addHeadersToRemove("host")
                                .addHeadersToRemove(":path"))
                        .build();
            case "answer" ->
                CheckResponse.newBuilder()
                        .setOkResponse(OkHttpResponse.newBuilder()
                                .addResponseHeadersToAdd(set("x-answer", "service"))
                                .addResponseHeadersToAdd(append("x-other", true))
                                .addResponseHeadersToAdd(acted("server", HeaderAppendAction.OVERWRITE_IF_EXISTS))
                                .addResponseHeadersToAdd(acted("x-absent", HeaderAppendAction.ADD_IF_ABSENT)))
                        .build();
            case "type" ->
                CheckResponse.newBuilder()
                        .setOkResponse(
                                OkHttpResponse.newBuilder().addResponseHeadersToAdd(append("content-type", false)))
                        .build();
            case "deny" -> denied(DeniedHttpResponse.getDefaultInstance());
            case "deny-bare" ->
                CheckResponse.newBuilder()
                        .setStatus(Status.newBuilder().setCode(16))
                        .build();
            case "deny-401" ->
                denied(DeniedHttpResponse.newBuilder()
                        .setStatus(HttpStatus.newBuilder().setCode(401))
                        .addHeaders(set("www-authenticate", "Bearer realm=\"a\""))
                        .addHeaders(set("set-cookie", "a=1"))
                        .addHeaders(set("set-cookie", "b=2"))
                        .addHeaders(append("x-appended", true))
                        .setBody("who are you? 100% nobody\n")
                        .build());
            case "deny-json" ->
                denied(DeniedHttpResponse.newBuilder()
                        .setStatus(HttpStatus.newBuilder().setCode(403))
                        .addHeaders(set("content-type", "application/problem+json"))
                        .setBody("{}")
                        .build());
            case "deny-302" ->
                denied(DeniedHttpResponse.newBuilder()
                        .setStatus(HttpStatus.newBuilder().setCode(302))
                        .addHeaders(set("location", "https://login.test/"))
                        .build());
            default -> throw new IllegalArgumentException("no decision \"" + how + "\"");
        };
    }

    private static CheckResponse granted(HeaderValueOption... headers) {
        return CheckResponse.newBuilder()
                .setOkResponse(OkHttpResponse.newBuilder().addAllHeaders(List.of(headers)))
                .build();
    }

    private static CheckResponse denied(DeniedHttpResponse answer) {
        return CheckResponse.newBuilder()
                .setStatus(Status.newBuilder().setCode(7))
                .setDeniedResponse(answer)
                .build();
    }

    private static HeaderValueOption set(String name, String value) {
        return HeaderValueOption.newBuilder().setHeader(value(name, value)).build();
    }

    private static HeaderValueOption append(String name, boolean append) {
        return HeaderValueOption.newBuilder()
                .setHeader(value(name, "service"))
                .setAppend(BoolValue.of(append))
                .build();
    }

    private static HeaderValueOption acted(String name, HeaderAppendAction action) {
        return HeaderValueOption.newBuilder()
                .setHeader(value(name, "service"))
                .setAppendAction(action)
                .build();
    }

    private static HeaderValue.Builder value(String name, String value) {
        return HeaderValue.newBuilder().setKey(name).setValue(value);
    }

    @Override
    public void close() throws Exception {
        closed.countDown();
        server.close();
    }
}
