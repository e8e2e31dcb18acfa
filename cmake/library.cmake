# vitrine_add_library(NAME SOURCES ... DEPENDS ... LINKS ... [EXPORT_SET name])
#
# One folder under src/ is one static library vitrine_NAME, installed as vitrine::NAME.
#   DEPENDS  other folders of src/ this one may include (public link)
#   LINKS    outside libraries (private; a static library still hands them on to the final link)
add_library(vitrine_settings INTERFACE)
target_compile_features(vitrine_settings INTERFACE cxx_std_20)
target_compile_options(
  vitrine_settings
  INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
            $<$<BOOL:${VITRINE_WARNINGS_AS_ERRORS}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 sees overlapping copies inside std::string's operator+ (GCC bug 105651)
  target_compile_options(vitrine_settings INTERFACE -Wno-restrict)
endif()
if(VITRINE_SANITIZER)
  target_compile_options(vitrine_settings INTERFACE -fsanitize=${VITRINE_SANITIZER} -fno-omit-frame-pointer
                                                    -fno-sanitize-recover=all)
  target_link_options(vitrine_settings INTERFACE -fsanitize=${VITRINE_SANITIZER})
endif()
if(VITRINE_BUILD_FUZZERS)
  # What a fuzzer follows; fuzz targets link the driver themselves.
  target_compile_options(vitrine_settings INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(vitrine_settings INTERFACE -fsanitize=fuzzer-no-link)
endif()
find_package(Threads REQUIRED)

function(vitrine_add_library name)
  cmake_parse_arguments(ARG "" "EXPORT_SET" "SOURCES;DEPENDS;LINKS" ${ARGN})
  set(target vitrine_${name})
  add_library(${target} STATIC ${ARG_SOURCES})
  add_library(vitrine::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name} VITRINE_DEPENDS "${ARG_DEPENDS}")
  target_include_directories(
    ${target}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
    PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_compile_features(${target} PUBLIC cxx_std_20)
  foreach(dependency IN LISTS ARG_DEPENDS)
    target_link_libraries(${target} PUBLIC vitrine_${dependency})
  endforeach()
  target_link_libraries(${target} PRIVATE ${ARG_LINKS} $<BUILD_INTERFACE:vitrine_settings>)
  if(NOT ARG_EXPORT_SET)
    set(ARG_EXPORT_SET vitrine-engine-targets)
  endif()
  install(TARGETS ${target} EXPORT ${ARG_EXPORT_SET} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
          COMPONENT ${ARG_EXPORT_SET})
endfunction()
