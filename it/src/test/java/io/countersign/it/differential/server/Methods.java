// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.server;

import com.google.gson.JsonElement;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.countersign.serverapi.agent.AgentGrpc;
import io.countersign.serverapi.bundle.BundleGrpc;
import io.countersign.serverapi.debug.DebugGrpc;
import io.countersign.serverapi.entry.EntryGrpc;
import io.countersign.serverapi.localauthority.LocalAuthorityGrpc;
import io.countersign.serverapi.logger.LoggerGrpc;
import io.countersign.serverapi.svid.SVIDGrpc;
import io.countersign.serverapi.trustdomain.TrustDomainGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.ServiceDescriptor;
import io.grpc.health.v1.HealthGrpc;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The methods that both servers have, by names such as {@code Agent/CountAgents}. */
final class Methods {
    private static final Map<String, MethodDescriptor<Message, Message>> ALL = Stream.of(
                    AgentGrpc.getServiceDescriptor(),
                    EntryGrpc.getServiceDescriptor(),
                    SVIDGrpc.getServiceDescriptor(),
                    BundleGrpc.getServiceDescriptor(),
                    LocalAuthorityGrpc.getServiceDescriptor(),
                    TrustDomainGrpc.getServiceDescriptor(),
                    LoggerGrpc.getServiceDescriptor(),
                    DebugGrpc.getServiceDescriptor(),
                    HealthGrpc.getServiceDescriptor())
            .map(ServiceDescriptor::getMethods)
            .flatMap(methods -> methods.stream().map(Methods::untyped))
            .collect(Collectors.toMap(Methods::shortName, Function.identity()));

    private Methods() {}

    @SuppressWarnings("unchecked") // all methods of generated services carry protobuf's messages
    private static MethodDescriptor<Message, Message> untyped(MethodDescriptor<?, ?> method) {
        return (MethodDescriptor<Message, Message>) method;
    }

    private static String shortName(MethodDescriptor<?, ?> method) {
        var full = method.getFullMethodName();
        return full.substring(full.lastIndexOf('.', full.indexOf('/')) + 1);
    }

    static MethodDescriptor<Message, Message> named(String name) {
        return Optional.ofNullable(ALL.get(name))
                .orElseThrow(() -> new IllegalArgumentException("no method \"" + name + "\""));
    }

    /** A request in protobuf's JSON. */
    static Message request(MethodDescriptor<Message, Message> method, JsonElement json)
            throws InvalidProtocolBufferException {
        var empty = ((PrototypeMarshaller<Message>) method.getRequestMarshaller()).getMessagePrototype();
        if (empty == null) {
            throw new IllegalStateException(method + " has no prototype of its request");
        }
        var request = empty.newBuilderForType();
        JsonFormat.parser().merge(json.toString(), request);
        return request.build();
    }
}
