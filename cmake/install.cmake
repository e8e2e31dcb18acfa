# Installs headers, libraries and a package configuration with components:
#   index   the Hamming index and re-ranking alone: needs nothing but the C++ library
#   engine  pictures, network, catalogue, search
#   onnx    networks of your own, in ONNX files: needs OpenCV's dnn module
#   ranker  trains the quality ranker from clicks: needs XGBoost
#   training  the trainer: needs LibTorch
include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/vitrine)

install(DIRECTORY include/vitrine DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES models/vitrine-base.safetensors DESTINATION ${CMAKE_INSTALL_DATADIR}/vitrine)

foreach(component index engine)
  install(EXPORT vitrine-${component}-targets NAMESPACE vitrine:: DESTINATION ${package_folder})
endforeach()
if(VITRINE_BUILD_ONNX)
  install(EXPORT vitrine-onnx-targets NAMESPACE vitrine:: DESTINATION ${package_folder})
endif()
if(VITRINE_BUILD_RANKER)
  install(EXPORT vitrine-ranker-targets NAMESPACE vitrine:: DESTINATION ${package_folder})
endif()
if(VITRINE_BUILD_TRAINING)
  install(EXPORT vitrine-training-targets NAMESPACE vitrine:: DESTINATION ${package_folder})
endif()

configure_package_config_file(
  cmake/vitrine-config.cmake.in ${CMAKE_BINARY_DIR}/vitrine-config.cmake INSTALL_DESTINATION ${package_folder}
  PATH_VARS CMAKE_INSTALL_DATADIR)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/vitrine-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/vitrine-config.cmake ${CMAKE_BINARY_DIR}/vitrine-config-version.cmake
        DESTINATION ${package_folder})
